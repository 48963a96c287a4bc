package dev.taskqueue.autoconfigure;

import java.time.Duration;
import java.util.List;

import com.mongodb.client.MongoDatabase;
import dev.taskqueue.store.Indexes;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.TaskQueueDatabase;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith({ MongoServer.class, OutputCaptureExtension.class })
class StorePreparationIT {

	@Test
	void indexesThatTakeLongerThanOtherOperationsMayAreBuiltAtTheFirstTry(MongoDatabase database,
			CapturedOutput output) {
		TaskQueueDatabase store = new TaskQueueDatabase(database, "taskqueue_", "crontab_jobs", Duration.ofSeconds(10));
		MongoServer.client()
			.getDatabase("admin")
			.runCommand(new Document("configureFailPoint", "failCommand").append("mode", new Document("times", 1))
				.append("data",
						new Document("failCommands", List.of("createIndexes"))
							.append("namespace", store.crontab().getNamespace().getFullName())
							.append("blockConnection", true)
							.append("blockTimeMS", 3500)));

		assertThat(new StorePreparation(store, new Outage(), true, "here").prepare()).isTrue();

		assertThat(Indexes.missing(store)).isEmpty();
		assertThat(output).contains("Creates 9 indexes in database '" + database.getName() + "'")
			.doesNotContain("MongoDB fails at");
	}

	@Test
	void indexThatNoQueryNamesIsCreatedAgainWithTheNextLook(MongoDatabase database, CapturedOutput output) {
		TaskQueueDatabase store = new TaskQueueDatabase(database, "gone_", "gone_rows", Duration.ofSeconds(10));
		StorePreparation preparation = new StorePreparation(store, new Outage(), true, "here");
		preparation.prepare();
		store.jobs().dropIndex(Indexes.RETENTION);

		preparation.mend();
		preparation.mend();

		assertThat(Indexes.missing(store)).isEmpty();
		assertThat(output).containsOnlyOnce("1 indexes of database '" + database.getName() + "' were gone");
	}

	@Test
	void jobsWithTheSameKeyHoldUpNoIndexButThatOfKeys(MongoDatabase database, CapturedOutput output) {
		TaskQueueDatabase store = new TaskQueueDatabase(database, "keys_", "keys_rows", Duration.ofSeconds(10));
		store.jobs().insertMany(List.of(keyed("a"), keyed("b")));
		StorePreparation preparation = new StorePreparation(store, new Outage(), true, "here");

		assertThat(preparation.prepare()).isTrue();

		assertThat(Indexes.missing(store)).singleElement().asString().contains("unique_key");
		assertThat(output).contains("have the same unique_key").contains("\"k\"").doesNotContain("MongoDB fails at");
		assertThat(preparation.isWithoutKeys()).isTrue();
		store.jobs().deleteOne(new Document("_id", "a"));
		preparation.mend();
		assertThat(Indexes.missing(store)).isEmpty();
		assertThat(preparation.isWithoutKeys()).isFalse();
		assertThat(output).doesNotContain("were gone");
	}

	private static Document keyed(String id) {
		return new Document("_id", id).append("unique_key", "k");
	}

}
