package dev.taskqueue.testsupport;

import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

@Tag("outage")
class OwnReplicaSetIT {

	@SuppressWarnings("NullAway.Init")
	private static OwnReplicaSet set;

	@BeforeAll
	static void start() {
		set = MongoServer.startOwnReplicaSet();
	}

	@AfterAll
	static void stop() {
		set.close();
	}

	@Test
	void anotherMemberIsPrimaryAfterAStepDown() {
		OwnMongoServer before = set.primary();

		set.stepDown();

		assertThat(set.primary()).isNotSameAs(before);
		assertThat(before.isRunning()).isTrue();
	}

	@Test
	void majorityOutlivesItsKilledPrimaryWhichComesBackAsASecondary() {
		try (MongoClient client = MongoClients.create(set.uri())) {
			MongoCollection<Document> things = client.getDatabase("test")
				.getCollection("things")
				.withWriteConcern(WriteConcern.MAJORITY);
			things.insertOne(new Document());
			OwnMongoServer killed = set.primary();

			killed.kill();

			assertThat(set.primary()).isNotSameAs(killed);
			things.insertOne(new Document());
			assertThat(things.countDocuments()).isEqualTo(2);
			killed.start();
			set.awaitSecondaries();
			assertThat(set.secondaries()).hasSize(2).contains(killed);
		}
	}

}
