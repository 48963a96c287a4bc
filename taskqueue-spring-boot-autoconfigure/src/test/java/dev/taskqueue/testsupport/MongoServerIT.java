package dev.taskqueue.testsupport;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import org.bson.Document;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(MongoServer.class)
class MongoServerIT {

	private final MongoDatabase database;

	MongoServerIT(MongoDatabase database) {
		this.database = database;
	}

	@Test
	void allOfAClassGetTheSameDatabase(MongoDatabase parameter) {
		assertThat(parameter.getName()).isEqualTo(this.database.getName());
	}

	@Test
	void transactionsWork() {
		this.database.createCollection("things");
		try (ClientSession session = MongoServer.client().startSession()) {
			session.withTransaction(() -> this.database.getCollection("things").insertOne(session, new Document()));
		}

		assertThat(this.database.getCollection("things").countDocuments()).isEqualTo(1);
	}

	@Test
	void connectionStringWithDatabaseLeadsThere() {
		this.database.getCollection("visits").insertOne(new Document());
		try (MongoClient other = MongoClients.create(MongoServer.uri(this.database))) {
			assertThat(other.getDatabase(this.database.getName()).getCollection("visits").countDocuments())
				.isEqualTo(1);
		}
	}

	@Test
	void freshDatabaseIsEmptyAndDroppedOneIsGone() {
		MongoDatabase fresh = MongoServer.freshDatabase();
		assertThat(fresh.getName()).isNotEqualTo(this.database.getName()).hasSizeLessThan(20);
		assertThat(fresh.listCollectionNames()).isEmpty();
		fresh.createCollection("things");

		MongoServer.drop(fresh);

		assertThat(MongoServer.client().listDatabaseNames()).doesNotContain(fresh.getName());
	}

	@Nested
	class InANestedClass {

		@Test
		void databaseIsThatOfTheClassAround(MongoDatabase parameter) {
			assertThat(parameter.getName()).isEqualTo(MongoServerIT.this.database.getName());
		}

	}

}
