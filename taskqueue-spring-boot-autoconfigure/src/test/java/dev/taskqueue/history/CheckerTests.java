package dev.taskqueue.history;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import dev.taskqueue.CancelResult;
import dev.taskqueue.history.Entry.Answer;
import dev.taskqueue.history.Entry.Answered;
import dev.taskqueue.history.Entry.Beat;
import dev.taskqueue.history.Entry.CancelAnswered;
import dev.taskqueue.history.Entry.Cancelling;
import dev.taskqueue.history.Entry.Ended;
import dev.taskqueue.history.Entry.How;
import dev.taskqueue.history.Entry.InsertingRow;
import dev.taskqueue.history.Entry.LeftOver;
import dev.taskqueue.history.Entry.Keyed;
import dev.taskqueue.history.Entry.Listed;
import dev.taskqueue.history.Entry.Locked;
import dev.taskqueue.history.Entry.NodeBegins;
import dev.taskqueue.history.Entry.NodeGone;
import dev.taskqueue.history.Entry.NodeStops;
import dev.taskqueue.history.Entry.Order;
import dev.taskqueue.history.Entry.Ordered;
import dev.taskqueue.history.Entry.Ordering;
import dev.taskqueue.history.Entry.Queued;
import dev.taskqueue.history.Entry.Started;
import dev.taskqueue.history.Entry.Starved;
import dev.taskqueue.history.Entry.Stored;
import dev.taskqueue.history.Entry.StoredPeriodic;
import dev.taskqueue.history.Entry.StoredRow;
import dev.taskqueue.history.Entry.Submitting;
import dev.taskqueue.history.Entry.TakenAway;
import dev.taskqueue.history.Entry.Told;
import dev.taskqueue.history.Entry.Weighs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A history in which much goes wrong and all is right; and for each rule the same with
 * one thing changed, which breaks that rule.
 */
class CheckerTests {

	private static final String STORE = "store";

	/** Job "lost" was begun on node-1, which was killed, and run to its end on node-2. */
	private static final List<Entry> RECOVERED = List.of(new Submitting(at(0), "submitter", "lost", "work", 1000, 0),
			answered("lost", 10, Answer.ACKNOWLEDGED), started("lost", 1100, "node-1", 1, 0), beat("node-1", 1200),
			new NodeGone(at(1300), "node-1"), started("lost", 3300, "node-2", 1, 1), ended("lost", 3400, "node-2"),
			told("lost", 3410, "Completed"), stored("lost", "succeeded", 1, 1, null, "lost@node-2/3300"));

	/** Job "flaky" fails once, of its own will. */
	private static final List<Entry> RETRIED = List.of(new Submitting(at(20), "submitter", "flaky", "work", 0, 1),
			answered("flaky", 30, Answer.ACKNOWLEDGED), started("flaky", 40, "node-1", 1, 0),
			locked("flaky", 40, "node-1"), new Ended(at(50), "node-1", "flaky", "flaky@node-1/40", How.THREW),
			told("flaky", 55, "Retrying"), started("flaky", 560, "node-2", 2, 0), locked("flaky", 560, "node-2"),
			ended("flaky", 570, "node-2"), told("flaky", 580, "Completed"),
			stored("flaky", "succeeded", 2, 0, null, "flaky@node-2/560"));

	/** Job "returned" was interrupted by a node that stops, and run on another. */
	private static final List<Entry> RETURNED = List.of(new Submitting(at(3490), "submitter", "returned", "work", 0, 0),
			answered("returned", 3495, Answer.UNKNOWN), started("returned", 3500, "node-2", 1, 0), beat("node-2", 3510),
			new NodeStops(at(3550), "node-2"),
			new Ended(at(3560), "node-2", "returned", "returned@node-2/3500", How.INTERRUPTED),
			started("returned", 3600, "node-3", 1, 0), ended("returned", 3700, "node-3"),
			stored("returned", "succeeded", 1, 0, null, "returned@node-3/3600"));

	/**
	 * Job "second" has the key that job "first" has let go of, before its period is over.
	 */
	private static final List<Entry> KEYED = List.of(new Submitting(at(5000), "submitter", "first", "work", 0, 0),
			new Keyed(at(5000), "submitter", "first", "key", 0), answered("first", 5010, Answer.ACKNOWLEDGED),
			started("first", 5100, "node-3", 1, 0), ended("first", 5200, "node-3"),
			stored("first", "succeeded", 1, 0, null, "first@node-3/5100"),
			new Submitting(at(5205), "submitter", "second", "work", 0, 0),
			new Keyed(at(5205), "submitter", "second", "key", 3000), answered("second", 5210, Answer.ACKNOWLEDGED),
			started("second", 5300, "node-3", 1, 0), ended("second", 5400, "node-3"),
			stored("second", "succeeded", 1, 0, null, "second@node-3/5300"),
			new Submitting(at(8300), "submitter", "third", "work", 0, 0),
			new Keyed(at(8300), "submitter", "third", "key", 0), answered("third", 8310, Answer.ACKNOWLEDGED),
			started("third", 8350, "node-3", 1, 0), ended("third", 8360, "node-3"),
			stored("third", "succeeded", 1, 0, null, "third@node-3/8350"));

	/** Of these, one left nothing, one took down three workers, one nobody knows of. */
	private static final List<Entry> OTHERS = List.of(new Submitting(at(1), "submitter", "refused", "work", 0, 0),
			answered("refused", 2, Answer.REFUSED), new Submitting(at(3), "submitter", "unknown", "work", 0, 0),
			new Submitting(at(1), "submitter", "hopeless", "work", 0, 0), answered("hopeless", 2, Answer.ACKNOWLEDGED),
			stored("hopeless", "failed", 1, 3, "worker-lost", null));

	private static final List<Entry> ROWS = List.of(new InsertingRow(at(1), "submitter", "once", 100, 0),
			answered("once", 2, Answer.ACKNOWLEDGED), slot("job of once", "once", 100),
			new StoredRow(at(9000), STORE, "once", true, 100, false),
			new InsertingRow(at(1), "submitter", "every", 200, 2), answered("every", 2, Answer.ACKNOWLEDGED),
			slot("first of every", "every", 200), slot("second of every", "every", 202),
			new StoredRow(at(9000), STORE, "every", false, 204, false));

	/**
	 * Job "stopped" is cancelled while it runs, "unwanted" before; "patient" waits in a
	 * paused queue for its resume; "revoked" ends by the revocation of its function,
	 * "restored" comes after it.
	 */
	private static final List<Entry> STEERED = List.of(new Submitting(at(4000), "submitter", "stopped", "work", 0, 0),
			answered("stopped", 4010, Answer.ACKNOWLEDGED), beat("node-3", 4090),
			started("stopped", 4100, "node-3", 1, 0), new Cancelling(at(4150), "leader", "stopped"),
			new CancelAnswered(at(4160), "leader", "stopped", CancelResult.REQUESTED),
			new Ended(at(4200), "node-3", "stopped", "stopped@node-3/4100", How.INTERRUPTED),
			told("stopped", 4210, "Cancelled"), stored("stopped", "cancelled", 1, 0, null, null),
			new Submitting(at(4000), "submitter", "unwanted", "work", 0, 0),
			answered("unwanted", 4010, Answer.ACKNOWLEDGED), new Cancelling(at(4020), "leader", "unwanted"),
			new CancelAnswered(at(4030), "leader", "unwanted", CancelResult.CANCELLED),
			stored("unwanted", "cancelled", 0, 0, null, null), new Ordering(at(5000), "leader", Order.PAUSE, "quiet"),
			new Ordered(at(5010), "leader", Order.PAUSE, "quiet", at(6010)),
			new Submitting(at(5500), "submitter", "patient", "work", 0, 0),
			answered("patient", 5510, Answer.ACKNOWLEDGED), startedOf("work", "quiet", "patient", 7100),
			ended("patient", 7200, "node-3"), stored("patient", "succeeded", 1, 0, null, "patient@node-3/7100"),
			new Ordering(at(7000), "leader", Order.RESUME, "quiet"),
			new Ordered(at(7010), "leader", Order.RESUME, "quiet", at(8010)),
			new Ordering(at(5000), "leader", Order.REVOKE, "gone"),
			new Ordered(at(5010), "leader", Order.REVOKE, "gone", at(6010)),
			new Submitting(at(6100), "submitter", "revoked", "gone", 0, 0),
			answered("revoked", 6110, Answer.ACKNOWLEDGED), told("revoked", 6200, "Revoked"),
			told("revoked", 6210, "Cancelled"), stored("revoked", "cancelled", 0, 0, null, null),
			new Ordering(at(7000), "leader", Order.RESTORE, "gone"),
			new Ordered(at(7010), "leader", Order.RESTORE, "gone", at(8010)),
			new Submitting(at(6100), "submitter", "restored", "gone", 0, 0),
			answered("restored", 6110, Answer.ACKNOWLEDGED), startedOf("gone", "default", "restored", 7300),
			ended("restored", 7400, "node-3"), stored("restored", "succeeded", 1, 0, null, "restored@node-3/7300"));

	/** Two lists of a provider, one after the other. */
	private static final List<Entry> LISTS = List.of(
			new Listed(at(1), "lister", "provider:a", List.of("kept", "removed")),
			new Listed(at(2), "lister", "provider:a", List.of("kept", "added")),
			new StoredPeriodic(at(9000), STORE, "kept", "provider:a", true),
			new StoredPeriodic(at(9000), STORE, "added", "provider:a", true),
			new StoredPeriodic(at(9000), STORE, "removed", "provider:a", false));

	/** More of a queue than all nodes may have at hand, by all that is known of them. */
	private static final int MANY = 30;

	/** Of five starts four are of queue "h" and one of "l", while many of both wait. */
	private static final List<Entry> WEIGHED = served("node-4", "hhlhhhhlhhhhlhhhhlhhhhlhh", 10_000);

	/**
	 * Jobs of queue "2" come before those of queue "1": what was claimed of these may
	 * begin.
	 */
	private static final List<Entry> RANKED = served("node-5", "2122212222", 40_000);

	private static final List<Entry> NODES = List.of(node("node-1"), node("node-2"), node("node-3"), node("node-4"),
			new Weighs(at(0), "node-4", Map.of("h", 4, "l", 1), false, 500), node("node-5"),
			new Weighs(at(0), "node-5", Map.of("2", 2, "1", 1), true, 500));

	@Test
	void rightHistoryIsFoundRight() {
		assertThat(check(right()).toString()).isEqualTo("All promises were kept");
	}

	@ParameterizedTest
	@EnumSource
	void historyThatBreaksARuleIsFoundToBreakThatRuleAlone(Rule rule) {
		assertThat(check(breaking(rule)).broken()).containsExactly(rule);
	}

	private static List<Entry> breaking(Rule rule) {
		return switch (rule) {
			case ACKNOWLEDGED_JOBS_END -> without((entry) -> is(entry, "hopeless") && entry instanceof Stored);
			case REFUSED_SUBMITS_LEAVE_NOTHING -> with(stored("refused", "failed", 1, 3, "worker-lost", null));
			case NOTHING_FROM_NOWHERE -> with(stored("foundling", "failed", 1, 3, "worker-lost", null));
			case NOT_TOO_EARLY -> changed(Submitting.class, "lost", (submitting) -> new Submitting(submitting.at(),
					submitting.process(), submitting.job(), submitting.function(), 1700, 0));
			case ONE_JOB_A_KEY -> changed(Answered.class, "second",
					(answer) -> new Answered(at(5150), answer.process(), answer.job(), answer.answer(), null));
			case ONE_RUN_A_CLAIM -> changed(Started.class, "flaky",
					(start) -> new Started(start.at(), start.process(), start.job(), start.run(), start.function(),
							start.queue(), start.worker(), "the same", start.attempt(), start.recoveries()));
			case ONE_HOLDER -> with(beat("node-1", 1290, 3301));
			case ONE_HAS_THE_LOCK -> with(beat("node-1", 45, 60),
					new Submitting(at(41), "submitter", "beside", "work", 0, 0), started("beside", 45, "node-3", 1, 0),
					locked("beside", 45, "node-3"), ended("beside", 45, 48, "node-3"),
					stored("beside", "succeeded", 1, 0, null, "beside@node-3/45"));
			case LAST_RUN_COUNTS ->
				changed(Stored.class, "lost", (stored) -> stored("lost", "succeeded", 1, 1, null, "lost@node-1/1100"));
			case ATTEMPTS_COUNT -> changed(Ended.class, "flaky",
					(end) -> new Ended(end.at(), end.process(), end.job(), end.run(), How.RETURNED));
			case RECOVERIES_COUNT -> changed(Started.class, "lost", (start) -> new Started(start.at(), start.process(),
					start.job(), start.run(), start.function(), start.queue(), start.worker(), start.claim(), 1, 1));
			case FIELDS_AGREE ->
				changed(Stored.class, "lost", (stored) -> stored("lost", "succeeded", 1, 2, null, stored.run()));
			case AS_THE_FUNCTION_WILLED -> changed(Submitting.class, "flaky",
					(submitting) -> new Submitting(submitting.at(), submitting.process(), "flaky", "work", 0, 2));
			case CANCELLED_JOBS_REST -> with(started("unwanted", 4500, "node-3", 1, 0));
			case PAUSED_QUEUES_REST -> changed(Started.class, "patient", (start) -> at(start, 6500));
			case REVOKED_FUNCTIONS_REST -> changed(Started.class, "restored", (start) -> at(start, 6500));
			case WEIGHTS_ARE_KEPT -> instead(WEIGHED, served("node-4", "hlhlhlhlhlhlhlhlhlhlhlhlhlhl", 10_000));
			case NO_QUEUE_STARVES -> instead(WEIGHED, served("node-4", "hhlhhhhhhhhhhhhhhh", 10_000));
			case RANKS_ARE_KEPT -> instead(RANKED, served("node-5", "21212121222", 40_000));
			case EARLIER_COME_FIRST ->
				with(waiting("hasty", "h", -1, 0, "node-3", 10_100, 11_050).toArray(Entry[]::new));
			case ONE_END_TOLD -> with(told("flaky", 600, "Completed"));
			case WITHIN_LIMITS -> changed(NodeBegins.class, "",
					(node) -> new NodeBegins(node.at(), node.process(), node.concurrency(), "default", 0));
			case EACH_SLOT_ONCE -> with(slot("double", "every", 202));
			case ROWS_GO_ON -> changed(StoredRow.class, "",
					(row) -> new StoredRow(row.at(), STORE, row.row(), row.done(), row.time() + 2, false));
			case LISTS_ARE_FOLLOWED -> with(new StoredPeriodic(at(9000), STORE, "gone again", "provider:a", true));
			case NOTHING_LEFT -> with(new LeftOver(at(9000), STORE, "taskqueue_workers", "node-1"));
		};
	}

	@Test
	void jobThatWasToBeStoppedBeginsNowhereAgain() {
		List<Entry> again = with(started("stopped", 4500, "node-2", 1, 1));

		assertThat(check(again).toString()).contains("stopped: It was to be stopped, and began again");
	}

	@Test
	void jobThatWasClaimedWhenItWasToBeStoppedMayBeginByThatClaimOnce() {
		List<Entry> late = changed(Started.class, "stopped", (start) -> at(start, 4170));
		assertThat(check(late).isContent()).isTrue();

		late = new ArrayList<>(late);
		late.add(started("stopped", 4500, "node-2", 1, 1));
		assertThat(check(late).broken()).contains(Rule.CANCELLED_JOBS_REST);
	}

	@Test
	void jobOfALostWorkerMayHaveBeenClaimedElsewhereWhenItWasToBeStopped() {
		List<Entry> lost = new ArrayList<>(
				without((entry) -> (entry instanceof Beat beat && beat.at() == at(4090)) || is(entry, "stopped")));
		lost.addAll(List.of(new Submitting(at(4000), "submitter", "stopped", "work", 0, 0), beat("node-3", 2000),
				started("stopped", 4100, "node-3", 1, 0), new Cancelling(at(4150), "leader", "stopped"),
				new CancelAnswered(at(4160), "leader", "stopped", CancelResult.REQUESTED),
				started("stopped", 4170, "node-2", 1, 1), stored("stopped", "cancelled", 1, 1, null, null)));

		assertThat(check(lost).isContent()).as(check(lost).toString()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "failed", "expired", "pending" })
	void jobThatWasToBeStoppedEndsCancelledOrIsDone(String state) {
		List<Entry> other = changed(Stored.class, "stopped", (stored) -> stored("stopped", state, 1, 0, null, null));

		assertThat(check(other).toString()).contains("stopped: It was cancelled, and the store has it " + state);
	}

	@Test
	void jobThatWasToBeStoppedMayBeDone() {
		List<Entry> done = new ArrayList<>(without((entry) -> is(entry, "stopped") && entry instanceof Told));
		done.replaceAll((entry) -> (is(entry, "stopped") && entry instanceof Stored)
				? stored("stopped", "succeeded", 1, 0, null, "stopped@node-3/4100") : entry);

		assertThat(check(done).isContent()).isTrue();
	}

	@Test
	void jobThatHadEndedDoesNotBegin() {
		List<Entry> again = changed(CancelAnswered.class, "unwanted",
				(answer) -> new CancelAnswered(answer.at(), "leader", "unwanted", CancelResult.ENDED));
		again = new ArrayList<>(again);
		again.add(started("unwanted", 4500, "node-3", 1, 0));

		assertThat(check(again).toString()).contains("began 470 ms after the answer that the job is ENDED");
	}

	@Test
	void answerThatNobodyHeardPromisesNothing() {
		List<Entry> unknown = without((entry) -> entry instanceof CancelAnswered);

		assertThat(check(unknown).isContent()).isTrue();
	}

	@Test
	void jobThatIsCancelledAndThatNobodyCancelledIsFound() {
		List<Entry> vain = without((entry) -> is(entry, "revoked") && entry instanceof Told);

		assertThat(check(vain).broken()).containsExactly(Rule.AS_THE_FUNCTION_WILLED);
	}

	@Test
	void jobThatIsRevokedThoughNoFunctionIsIsFound() {
		for (long outside : List.of(4900L, 8100L)) {
			List<Entry> revoked = changed(Told.class, "revoked",
					(told) -> told.event().equals("Revoked") ? told("revoked", outside, "Revoked") : told);

			assertThat(check(revoked).toString()).contains("revoked: It was revoked, and no function was");
		}
	}

	@Test
	void orderHoldsUntilSomebodyBeganToTakeItBackOrItWasTakenAwayByHand() {
		List<Entry> unanswered = new ArrayList<>(
				without((entry) -> entry instanceof Ordered ordered && ordered.at() == at(7010)));
		assertThat(check(unanswered).isContent()).isTrue();

		List<Entry> early = changed(Started.class, "patient", (start) -> at(start, 6500));
		early = new ArrayList<>(early);
		early.add(new TakenAway(at(6400), "leader", "taskqueue_queues"));
		assertThat(check(early).isContent()).isTrue();
	}

	@Test
	void keyThatIsTakenBeforeItsPeriodIsOverIsFound() {
		List<Entry> early = changed(Answered.class, "third",
				(answer) -> new Answered(at(7000), answer.process(), answer.job(), answer.answer(), null));

		assertThat(check(early).toString()).contains("third: It had the unique key 'key' 205 ms before job second");
	}

	@Test
	void keyIsNotJudgedOnceItsIndexWasTakenAwayByHand() {
		for (String what : List.of(JobRules.JOBS, TakenAway.indexesOf(JobRules.JOBS))) {
			List<Entry> taken = new ArrayList<>(breaking(Rule.ONE_JOB_A_KEY));
			taken.add(new TakenAway(at(5140), "leader", what));

			assertThat(check(taken).isContent()).as(what).isTrue();
		}
	}

	@Test
	void orderIsNotJudgedWhileAllThatWaitsMayBeClaimed() {
		List<Entry> few = served("node-4", "llllllllllhhhhhhhhhhhh", 10_000, 3);

		assertThat(check(instead(WEIGHED, few)).isContent()).isTrue();
		assertThat(check(instead(WEIGHED, served("node-4", "llllllllllhhhhhhhhhhhh", 10_000))).broken())
			.contains(Rule.WEIGHTS_ARE_KEPT);
	}

	@Test
	void nodeMayBeginOthersUntilItMustHaveHeardOfAJob() {
		// these begin each 200 ms from the first second on
		List<Entry> late = new ArrayList<>(instead(RANKED, served("node-5", "11111222222", 40_000)));
		assertThat(check(late).broken()).containsExactly(Rule.RANKS_ARE_KEPT);

		late.replaceAll((entry) -> (entry instanceof Weighs weighs && weighs.strict())
				? new Weighs(at(0), "node-5", weighs.weights(), true, 1500) : entry);
		assertThat(check(late).isContent()).as(check(late).toString()).isTrue();
	}

	@Test
	void jobThatIsNotKnownToExistWaitsForNobody() {
		List<Entry> unknown = new ArrayList<>(breaking(Rule.RANKS_ARE_KEPT));
		unknown.replaceAll((entry) -> (entry instanceof Answered answer && answer.job().startsWith("2-"))
				? new Answered(answer.at(), answer.process(), answer.job(), Answer.UNKNOWN, null) : entry);

		assertThat(check(unknown).isContent()).as(check(unknown).toString()).isTrue();
	}

	@Test
	void jobThatBeginsBeforeMoreEarlierOnesThanClaimersReachOverIsFound() {
		for (int earlier : List.of(40, 120)) {
			List<Entry> passed = new ArrayList<>(right());
			passed.addAll(waiting("later", "long", 0, 1_000_000, "node-3", 80_000, 81_000));
			for (int i = 0; i < earlier; i++) {
				passed.addAll(waiting("long-" + i, "long", 0, i, "node-3", 79_000, 82_000 + 200 * i));
			}

			Verdict verdict = check(passed);
			if (earlier == 40) {
				assertThat(verdict.isContent()).as(verdict.toString()).isTrue();
			}
			else {
				assertThat(verdict.toString()).contains("later: It began before 120 earlier jobs; claimers reach over");
			}
		}
	}

	@Test
	void slotThatIsMissingAmidOthersIsFound() {
		assertThat(check(changed(InsertingRow.class, "", (row) -> new InsertingRow(row.at(), row.process(), row.row(),
				row.first(), (row.everySeconds() > 0) ? 1 : 0)))
			.broken()).contains(Rule.EACH_SLOT_ONCE);
	}

	@Test
	void runsAtTheSameTimeOnOneNodeAreCounted() {
		List<Entry> busy = new ArrayList<>(right());
		for (int i = 0; i < 3; i++) {
			busy.add(new Submitting(at(4000), "submitter", "busy" + i, "work", 0, 0));
			busy.add(started("busy" + i, 4000 + i, "node-3", 1, 0));
			busy.add(ended("busy" + i, 4000 + i, 4100, "node-3"));
			busy.add(stored("busy" + i, "succeeded", 1, 0, null, "busy" + i + "@node-3/" + (4000 + i)));
		}

		assertThat(check(busy).toString()).contains("It ran 3 at a time and may run 2")
			.contains("It ran 3 of queue 'default' at a time and may run 2");
	}

	@Test
	void jobsThatWereTakenAwayByHandHaveNoClaimToAnEnd() {
		List<Entry> taken = breaking(Rule.ACKNOWLEDGED_JOBS_END);
		taken.add(new TakenAway(at(8000), "leader", JobRules.JOBS));

		assertThat(check(taken).isContent()).isTrue();
		taken.add(new Submitting(at(8001), "submitter", "later", "work", 0, 0));
		taken.add(answered("later", 8002, Answer.ACKNOWLEDGED));
		assertThat(check(taken).broken()).containsExactly(Rule.ACKNOWLEDGED_JOBS_END);
	}

	@Test
	void jobOfANodeWithoutMemoryMayBeGivenBack() {
		List<Entry> starved = breaking(Rule.ONE_HOLDER);
		starved.add(new Starved(at(1150), "node-1"));

		assertThat(check(starved).isContent()).isTrue();
	}

	@Test
	void leaseWhoseDocumentWasTakenAwayByHandHoldsNoLonger() {
		List<Entry> taken = breaking(Rule.ONE_HOLDER);
		// the identity is older; that the job began only after the drop changes nothing
		taken.add(beat("node-1", 900));
		taken.add(new TakenAway(at(1000), "leader", "taskqueue_workers"));

		assertThat(check(taken).isContent()).isTrue();
	}

	@Test
	void leaseOfWhichNobodyWroteIsNotJudged() {
		List<Entry> silent = without((entry) -> entry instanceof Beat);

		assertThat(check(silent).isContent()).as(check(silent).toString()).isTrue();
	}

	@Test
	void lockThatWasTakenAwayByHandIsHeldByNobody() {
		List<Entry> taken = breaking(Rule.ONE_HAS_THE_LOCK);
		taken.add(new TakenAway(at(42), "leader", "taskqueue_locks"));

		assertThat(check(taken).isContent()).isTrue();
	}

	@Test
	void verdictShowsThePersonWhatHappenedToTheJob() {
		assertThat(check(breaking(Rule.LAST_RUN_COUNTS)).toString()).contains("BROKEN: The outcome in the store")
			.contains("lost: The store has the outcome of lost@node-1/1100, and the last run was lost@node-2/3300")
			.containsSubsequence("+1.100 s  Started[", "+1.300 s  NodeGone[", "+3.300 s  Started[");
	}

	@Test
	void everyEntryIsReadAsItWasWritten(@TempDir Path directory) throws Exception {
		try (HistoryFile file = new HistoryFile(directory, "all");
				HistoryFile other = new HistoryFile(directory, "b")) {
			right().forEach(file::append);
			other.append(new TakenAway(1, "b", "jobs"));
		}
		Files.writeString(directory.resolve("killed.history"), "{\"entry\":\"NodeStops\",\"at\":1,\"pro");

		assertThat(HistoryFile.readAll(directory)).startsWith(right().toArray(Entry[]::new))
			.endsWith(new TakenAway(1, "b", "jobs"))
			.hasSize(right().size() + 1);
	}

	private static Verdict check(List<Entry> entries) {
		return Checker.check(new History(entries));
	}

	private static List<Entry> right() {
		return Stream.of(NODES, RECOVERED, RETRIED, RETURNED, STEERED, KEYED, OTHERS, ROWS, LISTS, WEIGHED, RANKED)
			.flatMap(List::stream)
			.toList();
	}

	private static List<Entry> with(Entry... further) {
		List<Entry> entries = new ArrayList<>(right());
		entries.addAll(List.of(further));
		return entries;
	}

	private static List<Entry> instead(List<Entry> part, List<Entry> other) {
		List<Entry> entries = new ArrayList<>(without(part::contains));
		entries.addAll(other);
		return entries;
	}

	private static List<Entry> without(Predicate<Entry> left) {
		return new ArrayList<>(right().stream().filter(left.negate()).toList());
	}

	private static <E extends Entry> List<Entry> changed(Class<E> kind, String job, UnaryOperator<E> change) {
		return right().stream()
			.map((entry) -> (kind.isInstance(entry) && (job.isEmpty() || is(entry, job)))
					? change.apply(kind.cast(entry)) : entry)
			.toList();
	}

	private static boolean is(Entry entry, String job) {
		return entry instanceof Entry.OfJob ofJob && ofJob.job().equals(job);
	}

	/**
	 * Many more of each queue wait until a node has begun some, and another does them.
	 */
	private static List<Entry> served(String node, String queues, long from) {
		return served(node, queues, from, MANY);
	}

	private static List<Entry> served(String node, String queues, long from, int more) {
		List<Entry> entries = new ArrayList<>();
		long at = from + 1000;
		for (int i = 0; i < queues.length(); i++) {
			String queue = queues.substring(i, i + 1);
			entries.addAll(waiting(queue + "-" + i, queue, 0, i, node, from, at));
			at += 200;
		}
		for (String queue : queues.chars().distinct().mapToObj(Character::toString).toList()) {
			for (int i = queues.length(); i < queues.length() + more; i++) {
				entries.addAll(waiting(queue + "-" + i, queue, 0, i, "node-3", from, at));
				at += 200;
			}
		}
		return entries;
	}

	/** All that there is of a job that waits in a queue and begins at a time. */
	private static List<Entry> waiting(String job, String queue, int priority, long runAt, String node, long submitted,
			long begun) {
		return List.of(new Submitting(at(submitted), "submitter", job, "work", 0, 0),
				new Queued(at(submitted), "submitter", job, queue, priority, runAt),
				answered(job, submitted + 10, Answer.ACKNOWLEDGED),
				new Started(at(begun), node, job, run(job, node, begun), "work", queue, node, "token of " + job, 1, 0),
				ended(job, begun, begun + 100, node), stored(job, "succeeded", 1, 0, null, run(job, node, begun)));
	}

	private static long at(long millis) {
		return TimeUnit.MILLISECONDS.toNanos(millis);
	}

	private static NodeBegins node(String name) {
		return new NodeBegins(at(0), name, 2, "default", 2);
	}

	private static Beat beat(String worker, long millis) {
		return beat(worker, millis, millis + 2000);
	}

	private static Beat beat(String worker, long millis, long until) {
		return new Beat(at(millis), worker, worker, at(until), "UP", null, 1, 1);
	}

	private static Answered answered(String job, long millis, Answer answer) {
		return new Answered(at(millis), "submitter", job, answer, null);
	}

	private static Started started(String job, long millis, String node, int attempt, int recoveries) {
		return new Started(at(millis), node, job, run(job, node, millis), "work", "default", node,
				"token of " + node + " at " + millis, attempt, recoveries);
	}

	/** By a claim of its own. */
	private static Started startedOf(String function, String queue, String job, long millis) {
		return new Started(at(millis), "node-3", job, run(job, "node-3", millis), function, queue, "node-3",
				"token of " + job, 1, 0);
	}

	private static Started at(Started start, long millis) {
		return new Started(at(millis), start.process(), start.job(), start.run(), start.function(), start.queue(),
				start.worker(), start.claim(), start.attempt(), start.recoveries());
	}

	/** Ends the run that began 100 ms ago, or 10. */
	private static Ended ended(String job, long millis, String node) {
		return ended(job, millis - ((millis % 100 == 0) ? 100 : 10), millis, node);
	}

	private static Ended ended(String job, long began, long millis, String node) {
		return new Ended(at(millis), node, job, run(job, node, began), How.RETURNED);
	}

	private static Locked locked(String job, long millis, String node) {
		return new Locked(at(millis), node, job, run(job, node, millis), "reports");
	}

	private static String run(String job, String node, long millis) {
		return job + "@" + node + "/" + millis;
	}

	private static Told told(String job, long millis, String event) {
		return new Told(at(millis), "node-2", job, event, 0);
	}

	private static Stored stored(String job, String state, int attempt, int recoveries, @Nullable String reason,
			@Nullable String run) {
		return new Stored(at(9000), STORE, job, state, attempt, recoveries, reason, run, null, 0);
	}

	private static Stored slot(String job, String row, long slot) {
		return new Stored(at(9000), STORE, job, "succeeded", 1, 0, null, null, row, slot);
	}

}
