package dev.taskqueue.history;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.InsertingRow;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.Told;
import dev.taskqueue.history.History.JobHistory;

/** From the submit to the end of a job. */
final class JobRules {

	static final String JOBS = "taskqueue_jobs";

	/** The server's clock as nodes know it may be off by half of a round trip. */
	private static final long CLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private static final Set<String> ENDS = Set.of("succeeded", "failed", "cancelled", "expired");

	private static final Map<String, String> TOLD = Map.of("Completed", "succeeded", "Failed", "failed", "Cancelled",
			"cancelled", "Expired", "expired");

	private JobRules() {
	}

	static Stream<Violation> acknowledgedJobsEnd(History history) {
		return submitted(history).filter((job) -> job.was(Answer.ACKNOWLEDGED))
			.filter((job) -> job.all(Answered.class).noneMatch((answer) -> history.isTakenAwayAfter(JOBS, answer.at())))
			.filter((job) -> job.stored().map((stored) -> !ENDS.contains(stored.state())).orElse(true))
			.map((job) -> new Violation(job.job(),
					job.stored()
						.map((stored) -> "It was acknowledged and is still " + stored.state())
						.orElse("It was acknowledged and is lost")));
	}

	static Stream<Violation> refusedSubmitsLeaveNothing(History history) {
		return submitted(history).filter((job) -> job.was(Answer.REFUSED))
			.filter((job) -> job.stored().isPresent() || !job.starts().isEmpty())
			.map((job) -> new Violation(job.job(), "Its submit was refused, and it exists"));
	}

	static Stream<Violation> nothingFromNowhere(History history) {
		Set<String> rows = Set.copyOf(history.all(InsertingRow.class).map(InsertingRow::row).toList());
		return history.jobs()
			.stream()
			.filter((job) -> job.submitting().isEmpty())
			.filter((job) -> !job.starts().isEmpty() || job.stored().isPresent())
			.filter((job) -> job.stored()
				.map((stored) -> stored.row() == null || !rows.contains(stored.row()))
				.orElse(!history.isTakenAwayAfter(JOBS, job.entries().get(0).at())))
			.map((job) -> new Violation(job.job(), "Nobody submitted it, and no row became it"));
	}

	static Stream<Violation> notTooEarly(History history) {
		return submitted(history).flatMap((job) -> job.submitting()
			.stream()
			.flatMap((submit) -> job.all(Started.class)
				.filter((start) -> start.at() < submit.at() + TimeUnit.MILLISECONDS.toNanos(submit.delayMs())
						- CLOCK_NANOS)
				.map((start) -> new Violation(job.job(), "It was to start %d ms after its submit, and did after %d"
					.formatted(submit.delayMs(), TimeUnit.NANOSECONDS.toMillis(start.at() - submit.at()))))));
	}

	static Stream<Violation> asTheFunctionWilled(History history) {
		return submitted(history).flatMap((job) -> job.stored()
			.stream()
			.filter((stored) -> !"worker-lost".equals(stored.reason()))
			.filter((stored) -> ENDS.contains(stored.state()))
			.filter((stored) -> !SteeringRules.isSteered(job, stored))
			.flatMap((stored) -> job.submitting()
				.stream()
				.filter((submit) -> !(stored.state().equals("succeeded") && stored.attempt() == submit.failures() + 1))
				.map((submit) -> new Violation(job.job(),
						"%d attempts were to fail and the next to succeed; it %s at attempt %d (%s)"
							.formatted(submit.failures(), stored.state(), stored.attempt(), stored.reason())))));
	}

	static Stream<Violation> oneEndTold(History history) {
		return history.jobs().stream().flatMap((job) -> {
			List<String> told = job.all(Told.class)
				.map(Told::event)
				.filter(TOLD::containsKey)
				.map((event) -> TOLD.getOrDefault(event, event))
				.toList();
			if (told.size() > 1) {
				return Stream.of(new Violation(job.job(), "Its end was told more than once: " + told));
			}
			return job.stored()
				.map(Stored::state)
				.filter((state) -> !told.isEmpty() && !told.get(0).equals(state))
				.map((state) -> new Violation(job.job(),
						"It was told that it %s, and the store has it %s".formatted(told.get(0), state)))
				.stream();
		});
	}

	private static Stream<JobHistory> submitted(History history) {
		return history.jobs().stream().filter((job) -> job.submitting().isPresent());
	}

}
