package dev.taskqueue.submit;

import java.util.Date;
import java.util.List;

import com.mongodb.MongoClientSettings;
import dev.taskqueue.store.JobDocument;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.codecs.Codec;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class NewJobTests {

	private static final Codec<Document> CODEC = MongoClientSettings.getDefaultCodecRegistry().get(Document.class);

	@Test
	void namesTheLargestArgumentOfAJobThatIsTooLarge() {
		Document job = JobDocuments.jobWithId("order-7", "bill", "small", "x".repeat(3000), 5);

		assertThatIllegalArgumentException().isThrownBy(() -> NewJob.of(new Submission(job), CODEC, 2000))
			.withMessageContaining("Job order-7 of function 'bill' has ")
			.withMessageContaining("expected at most 2000")
			.withMessageContaining("largest argument is number 2 with 30");
	}

	@Test
	void namesTheLargestArgumentGivenByName() {
		Document job = JobDocuments.job("bill", 1)
			.append(JobDocument.KWARGS, new Document("text", "x".repeat(3000)).append("number", 2));

		assertThatIllegalArgumentException().isThrownBy(() -> NewJob.of(new Submission(job), CODEC, 2000))
			.withMessageContaining("largest argument is 'text'");
	}

	@Test
	void leavesRoomForWhatAWorkerAddsWhateverTheLimitIs() {
		Document job = JobDocuments.job("bill", "x".repeat(16_000_000));

		assertThatIllegalArgumentException().isThrownBy(() -> NewJob.of(new Submission(job), CODEC, Long.MAX_VALUE))
			.withMessageContaining("expected at most 15728640");
	}

	@Test
	void refusesWhatCannotBeWritten() {
		Document job = JobDocuments.job("bill", new Object());

		assertThatIllegalArgumentException().isThrownBy(() -> NewJob.of(new Submission(job), CODEC, 2000))
			.withMessageContaining("cannot be written")
			.withMessageContaining("java.lang.Object");
	}

	@Test
	void makesAnIdWhereThereIsNone() {
		Document job = JobDocuments.job("bill");
		job.remove(JobDocument.ID);

		assertThat(NewJob.of(new Submission(job), CODEC, 2000).id()).isInstanceOf(ObjectId.class);
	}

	@Test
	void isDueUnlessItsTimeIsToCome() {
		Document later = JobDocuments.job("bill").append(JobDocument.RUN_AT, Date.from(JobDocuments.NOW.plusMillis(1)));

		assertThat(NewJob.of(new Submission(JobDocuments.job("bill")), CODEC, 2000).isDue()).isTrue();
		assertThat(NewJob.of(new Submission(later), CODEC, 2000).isDue()).isFalse();
	}

	@Test
	void isTheSameAsOneThatIsRunningWithAnotherPriority() {
		NewJob job = NewJob.of(new Submission(JobDocuments.jobWithId("a", "bill", 1)), CODEC, 2000);
		BsonDocument stored = bson(JobDocuments.jobWithId("a", "bill", 1)
			.append(JobDocument.PRIORITY, 9)
			.append(JobDocument.STATE, "running"));

		assertThat(job.isSameAs(stored)).isTrue();
	}

	@Test
	void isNotTheSameWithAnotherFunctionOtherArgumentsOrAnotherQueue() {
		NewJob job = NewJob.of(new Submission(JobDocuments.jobWithId("a", "bill", 1)), CODEC, 2000);

		assertThat(List.of(bson(JobDocuments.jobWithId("a", "mail", 1)), bson(JobDocuments.jobWithId("a", "bill", 2)),
				bson(JobDocuments.jobWithId("a", "bill", 1).append(JobDocument.QUEUE, "other")),
				bson(JobDocuments.jobWithId("a", "bill", 1).append(JobDocument.KWARGS, new Document("x", 1)))))
			.noneMatch(job::isSameAs);
	}

	private static BsonDocument bson(Document document) {
		return document.toBsonDocument();
	}

}
