package dev.taskqueue.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import dev.taskqueue.SubmitTime;
import dev.taskqueue.store.TaskQueueDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.data.mongodb.MongoDatabaseFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.Mockito.mock;

/** When a submit takes place in a transaction that is not MongoDB's. */
class TransactionChoiceTests {

	private final TransactionTemplate transaction = new TransactionTemplate(new OtherTransactionManager());

	private final MongoTransactions transactions = transactions(SubmitTime.NOW);

	private final List<String> done = new ArrayList<>();

	@Test
	void outsideOfTransactionsNothingWaits() {
		assertThat(this.transactions.isToWait(SubmitTime.AFTER_COMMIT)).isFalse();
		assertThat(transactions(SubmitTime.AFTER_COMMIT).isToWait(null)).isFalse();

		afterCommit("a");

		assertThat(this.done).containsExactly("a");
	}

	@Test
	void whatTheJobSaysGoesBeforeTheGeneralRule() {
		this.transaction.executeWithoutResult((status) -> {
			assertThat(this.transactions.current()).isNull();
			assertThat(this.transactions.isToWait(null)).isFalse();
			assertThat(this.transactions.isToWait(SubmitTime.AFTER_COMMIT)).isTrue();
			assertThat(transactions(SubmitTime.AFTER_COMMIT).isToWait(null)).isTrue();
			assertThat(transactions(SubmitTime.AFTER_COMMIT).isToWait(SubmitTime.NOW)).isFalse();
		});
	}

	@Test
	void whatWaitsIsDoneAfterTheCommit() {
		this.transaction.executeWithoutResult((status) -> {
			afterCommit("a");
			assertThat(this.done).isEmpty();
		});

		assertThat(this.done).containsExactly("a");
	}

	@Test
	void whatWaitsIsNotDoneAfterARollback() {
		this.transaction.executeWithoutResult((status) -> {
			afterCommit("a");
			status.setRollbackOnly();
		});

		assertThat(this.done).containsExactly("not a");
	}

	@Test
	void whatIsSubmittedByAListenerOfTheCommitIsNotLost() {
		this.transaction.executeWithoutResult(
				(status) -> TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void afterCommit() {
						assertThat(TransactionChoiceTests.this.transactions.isToWait(SubmitTime.AFTER_COMMIT)).isTrue();
						TransactionChoiceTests.this.afterCommit("a");
					}

				}));

		assertThat(this.done).containsExactly("a");
	}

	@Test
	void failureOfAnotherListenerDoesNotLoseIt() {
		assertThatIllegalStateException().isThrownBy(() -> this.transaction.executeWithoutResult((status) -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCommit() {
					throw new IllegalStateException("of another");
				}

			});
			afterCommit("a");
		})).withMessage("of another");

		assertThat(this.done).containsExactly("a");
	}

	@Test
	void whoCommitsIsToldOfWhatFailsAfterwards() {
		assertThatIllegalStateException()
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> this.transactions.afterCommit(() -> {
				throw new IllegalStateException("no store");
			}, () -> this.done.add("otherwise"))))
			.withMessage("no store");

		assertThat(this.done).isEmpty();
	}

	private void afterCommit(String what) {
		this.transactions.afterCommit(() -> this.done.add(what), () -> this.done.add("not " + what));
	}

	private static MongoTransactions transactions(SubmitTime inOthers) {
		return new MongoTransactions(mock(MongoDatabaseFactory.class), mock(TaskQueueDatabase.class), inOthers);
	}

}
