package dev.taskqueue.testsupport;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import org.bson.Document;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("outage")
class OwnMongoServerIT {

	@Test
	void killedServerStartsAgainWithItsDataOnTheSamePort() {
		try (OwnMongoServer server = MongoServer.startOwn(true);
				MongoClient client = MongoClients.create(server.uri())) {
			int port = server.port();
			things(client).withWriteConcern(WriteConcern.MAJORITY).insertOne(new Document("_id", 1));

			server.kill();
			assertThat(server.isRunning()).isFalse();
			server.start();

			assertThat(server.port()).isEqualTo(port);
			assertThat(things(client).countDocuments()).isEqualTo(1);
		}
	}

	@Test
	void stoppedServerStartsAgainWithItsData() {
		try (OwnMongoServer server = MongoServer.startOwn(false);
				MongoClient client = MongoClients.create(server.uri())) {
			things(client).insertOne(new Document("_id", 1));

			server.stop();
			server.start();

			assertThat(things(client).countDocuments()).isEqualTo(1);
		}
	}

	@Test
	void frozenServerAnswersNothingUntilItIsThawed() {
		try (OwnMongoServer server = MongoServer.startOwn(false); MongoClient client = impatient(server.uri())) {
			assertThat(things(client).countDocuments()).isZero();

			server.freeze();
			assertThatExceptionOfType(MongoException.class).isThrownBy(() -> things(client).countDocuments());

			server.thaw();
			assertThat(things(client).countDocuments()).isZero();
		}
	}

	@Test
	void nothingIsLeftOfAClosedServer() {
		OwnMongoServer server = MongoServer.startOwn(false);
		Path directory = server.directory();
		assertThat(directory).isNotEmptyDirectory();

		server.close();

		assertThat(server.isRunning()).isFalse();
		assertThat(directory).doesNotExist();
	}

	private static MongoClient impatient(String uri) {
		return MongoClients.create(MongoClientSettings.builder()
			.applyConnectionString(new ConnectionString(uri))
			.timeout(500, TimeUnit.MILLISECONDS)
			.build());
	}

	private static MongoCollection<Document> things(MongoClient client) {
		return client.getDatabase("test").getCollection("things");
	}

}
