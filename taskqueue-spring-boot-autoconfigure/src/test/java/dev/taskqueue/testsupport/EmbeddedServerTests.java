package dev.taskqueue.testsupport;

import com.mongodb.client.MongoDatabase;
import org.bson.Document;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EmbeddedServerTests {

	@Test
	void keepsDocumentsApartByDatabase() {
		try (EmbeddedServer server = EmbeddedServer.start()) {
			MongoDatabase database = server.freshDatabase();

			database.getCollection("things").insertOne(new Document("_id", 1));

			assertThat(database.getCollection("things").countDocuments()).isEqualTo(1);
			assertThat(server.freshDatabase().getCollection("things").countDocuments()).isZero();
			assertThat(server.uri()).startsWith("mongodb://");
		}
	}

}
