package dev.taskqueue.history;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.taskqueue.CancelResult;
import dev.taskqueue.history.Entry.CancelAnswered;
import dev.taskqueue.history.Entry.Cancelling;
import dev.taskqueue.history.Entry.Ended;
import dev.taskqueue.history.Entry.Order;
import dev.taskqueue.history.Entry.Ordered;
import dev.taskqueue.history.Entry.Ordering;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.TakenAway;
import dev.taskqueue.history.Entry.Told;
import dev.taskqueue.history.History.JobHistory;

/** What was decided about jobs, queues and functions after the submit. */
final class SteeringRules {

	private static final String ORDERS = "taskqueue_queues";

	private static final String CANCELLED = "cancelled";

	/**
	 * What may have become of a job that was told to stop: it may be done all the same.
	 */
	private static final Set<String> ENDS_OF_STOPPED = Set.of(CANCELLED, "succeeded");

	private SteeringRules() {
	}

	static Stream<Violation> cancelledJobsRest(History history) {
		return history.jobs()
			.stream()
			.flatMap((job) -> job.all(CancelAnswered.class).flatMap((answer) -> check(history, job, answer)));
	}

	private static Stream<Violation> check(History history, JobHistory job, CancelAnswered answer) {
		if (answer.result() == null || answer.result() == CancelResult.UNKNOWN) {
			return Stream.of();
		}
		List<Started> later = job.all(Started.class).filter((start) -> start.at() > answer.at()).toList();
		if (answer.result() == CancelResult.REQUESTED) {
			Set<String> claims = new LinkedHashSet<>();
			held(history, job, answer).forEach((start) -> claims.add(start.claim()));
			later.forEach((start) -> claims.add(start.claim()));
			return Stream.concat(
					(claims.size() <= 1) ? Stream.of()
							: Stream.of(new Violation(job.job(),
									"It was to be stopped, and began again: it was run by the claims " + claims)),
					endedOtherwise(job, ENDS_OF_STOPPED));
		}
		Stream<Violation> begun = later.stream()
			.map((start) -> new Violation(job.job(), "%s began %d ms after the answer that the job is %s"
				.formatted(start.run(), millis(start.at() - answer.at()), answer.result())));
		return (answer.result() == CancelResult.ENDED) ? begun
				: Stream.concat(begun, endedOtherwise(job, Set.of(CANCELLED)));
	}

	/**
	 * The run that was asked to stop, if it is sure which: it had begun before, no other
	 * could have taken its job until the answer, and its function had not left.
	 */
	private static Stream<Started> held(History history, JobHistory job, CancelAnswered answer) {
		return job.all(Started.class)
			.filter((start) -> start.at() <= answer.at())
			.reduce((one, next) -> next)
			.filter((start) -> {
				Ended end = history.ended(start);
				return end == null || end.at() > answer.at();
			})
			.filter((start) -> history.heldUntil(start, answer.at()) > answer.at())
			.stream();
	}

	private static Stream<Violation> endedOtherwise(JobHistory job, Set<String> ends) {
		return job.stored()
			.map(Stored::state)
			.filter((state) -> !ends.contains(state))
			.map((state) -> new Violation(job.job(), "It was cancelled, and the store has it " + state))
			.stream();
	}

	static Stream<Violation> pausedQueuesRest(History history) {
		return inForce(history, Order.PAUSE, Order.RESUME).flatMap((pause) -> history.all(Started.class)
			.filter((start) -> start.queue().equals(pause.target) && pause.covers(start.at()))
			.map((start) -> new Violation(start.job(),
					("It began %d ms after each node must have heard that its queue " + "'%s' is paused")
						.formatted(millis(start.at() - pause.from), pause.target))));
	}

	static Stream<Violation> revokedFunctionsRest(History history) {
		Stream<Violation> begun = inForce(history, Order.REVOKE, Order.RESTORE)
			.flatMap((revoked) -> history.all(Started.class)
				.filter((start) -> start.function().equals(revoked.target) && revoked.covers(start.at()))
				.map((start) -> new Violation(start.job(),
						("It began %d ms after each node must have heard that its " + "function '%s' is revoked")
							.formatted(millis(start.at() - revoked.from), revoked.target))));
		Stream<Violation> toldWithoutReason = history.all(Told.class)
			.filter(SteeringRules::isOfARevocation)
			.filter((told) -> !mayBeRevoked(history, told.at()))
			// of one that was parted, and whose word was not taken
			.filter((told) -> history.job(told.job()).stored().map(Stored::state).filter(CANCELLED::equals).isPresent())
			.map((told) -> new Violation(told.job(), "It was revoked, and no function was"));
		return Stream.concat(begun, toldWithoutReason);
	}

	/** Whether a job ended as it did since somebody wanted it so. */
	static boolean isSteered(JobHistory job, Stored stored) {
		return stored.state().equals(CANCELLED) && (mayBeCancelled(job) || wasRevoked(job));
	}

	private static boolean mayBeCancelled(JobHistory job) {
		long inVain = job.all(CancelAnswered.class)
			.map(CancelAnswered::result)
			.filter((result) -> result == CancelResult.ENDED || result == CancelResult.UNKNOWN)
			.count();
		return job.all(Cancelling.class).count() > inVain;
	}

	private static boolean wasRevoked(JobHistory job) {
		return job.all(Told.class).anyMatch(SteeringRules::isOfARevocation);
	}

	private static boolean isOfARevocation(Told told) {
		return told.event().equals("Revoked");
	}

	/**
	 * Some function was revoked then, or some node may not have heard that it no longer
	 * is.
	 */
	private static boolean mayBeRevoked(History history, long at) {
		return history.all(Ordering.class)
			.filter((ordering) -> ordering.order() == Order.REVOKE && ordering.at() <= at)
			.anyMatch((revoking) -> history.all(Ordered.class)
				.filter((ordered) -> ordered.order() == Order.RESTORE && ordered.target().equals(revoking.target()))
				.filter((ordered) -> ordered.at() > revoking.at())
				.findFirst()
				.map((restored) -> at <= restored.heardBy())
				.orElse(true));
	}

	private static Stream<InForce> inForce(History history, Order order, Order end) {
		return history.all(Ordered.class).filter((ordered) -> ordered.order() == order).map((ordered) -> {
			LongStream taken = history.all(TakenAway.class)
				.filter((away) -> away.collection().equals(ORDERS))
				.mapToLong(TakenAway::at);
			LongStream ends = history.all(Ordering.class)
				.filter((ordering) -> ordering.order() == end && ordering.target().equals(ordered.target()))
				.mapToLong(Ordering::at);
			return new InForce(ordered.target(), ordered.heardBy(),
					LongStream.concat(taken, ends).filter((at) -> at > ordered.at()).min().orElse(Long.MAX_VALUE));
		});
	}

	private static long millis(long nanos) {
		return TimeUnit.NANOSECONDS.toMillis(nanos);
	}

	/** While each node must know of an order. */
	private record InForce(String target, long from, long to) {

		boolean covers(long at) {
			return at > this.from && at < this.to;
		}

	}

}
