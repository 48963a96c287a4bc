package dev.taskqueue.fault;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import dev.taskqueue.fault.CrashNode.Submits;
import dev.taskqueue.fault.CrashStore.Fate;
import dev.taskqueue.store.CrashPoint;
import org.awaitility.Awaitility;
import org.bson.Document;

import static dev.taskqueue.fault.CrashStore.DEAD;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * How each point is reached, and what must come of it. A new point does not compile
 * without a case here.
 */
final class Crashes {

	private static final Duration START = Duration.ofSeconds(60);

	/** A node that only submits. */
	private static final String NO_WORKER = "taskqueue.worker.enabled=false";

	/** A node that leaves the jobs of these tests to others. */
	private static final String OTHER_QUEUE = "taskqueue.worker.queues.other.concurrency=1";

	/** A node that beats, judges and looks for orphans often. */
	private static final String SHORT_LEASE = "taskqueue.worker.lease=4s";

	private static final int MINUTE = 60;

	private static final int MEGABYTE = 1024 * 1024;

	private Crashes() {
	}

	static Stream<Crash> at(CrashPoint point) {
		return switch (point) {
			case SUBMIT_GATHERED ->
				Stream.of(submit(point, Submits.ONE).leaves(no("one")).again(Submits.ONE).ends(has("one", Fate.RAN)));
			case SUBMIT_INSERTED -> Stream.of(submit(point, Submits.ONE).leaves(has("one", Fate.UNTOUCHED))
				.again(Submits.ONE)
				.ends(has("one", Fate.RAN)));
			case SUBMIT_UNKNOWN ->
				Stream.of(submit(point, Submits.ONE).given(CrashStore::withholdMajority).leaves((store) -> {
					store.grantMajority();
					has("one", Fate.UNTOUCHED).accept(store);
				}).again(Submits.ONE).ends(has("one", Fate.RAN)));
			case SUBMIT_BATCH_INSERTED ->
				Stream.of(submit(point, Submits.BULK).leaves((store) -> assertThat(store.jobs()).hasSize(4))
					.again(Submits.BULK)
					.ends((store) -> assertThat(IntStream.range(0, 6).mapToObj((i) -> fate(store, "bulk-" + i)))
						.containsOnly(Fate.RAN)));
			case SUBMIT_JOINED ->
				Stream.of(submit(point, Submits.IN_TRANSACTION).leaves(no("one").andThen(CrashStore::endTransactions))
					.again(Submits.ONE)
					.ends(has("one", Fate.RAN)));
			case SUBMIT_DURABLE ->
				Stream.of(submit(point, Submits.ONE).leaves(has("one", Fate.UNTOUCHED)).ends(has("one", Fate.RAN)),
						submit(point, Submits.IN_TRANSACTION).leaves(has("one", Fate.UNTOUCHED))
							.ends(has("one", Fate.RAN)));

			case CLAIM_REGISTERED -> Stream.of(new Crash(point).given(job("one", "record", 0))
				.leaves(has("one", Fate.UNTOUCHED))
				.ends(has("one", Fate.RAN)));
			case CLAIM_WRITTEN,
					CLAIM_TAKEN ->
				Stream.of(new Crash(point).given(job("one", "record", 0))
					.leaves(has("one", Fate.claimed(0)))
					.ends(has("one", Fate.RAN_ELSEWHERE)));
			case CLAIM_WITHDRAWN -> Stream.of(new Crash(point).given(Crashes::quickJobsBeforeOnesThatStay)
				.node("taskqueue.worker.concurrency=1")
				.pass(2)
				.leaves((store) -> assertThat(fatesOfThoseThatStay(store)).contains(Fate.claimed(1), Fate.claimed(0)))
				.ends((store) -> assertThat(fatesOfThoseThatStay(store)).contains(Fate.RAN_AGAIN)
					.containsOnlyOnce(Fate.RAN_AGAIN)
					.isSubsetOf(Fate.RAN_AGAIN, Fate.RAN_ELSEWHERE, Fate.RAN)));
			case CLAIM_MENDED -> Stream.of(new Crash(point).given((store) -> {
				Document job = CrashStore.job("one", "record", 0);
				job.keySet().removeAll(List.of("queue", "run_at"));
				store.insertJob(job);
			})
				.leaves((store) -> assertThat(store.find("one")).containsEntry("queue", "default")
					.doesNotContainKey("run_at"))
				.ends(has("one", Fate.RAN)));
			case CLAIM_SET_ASIDE -> Stream.of(new Crash(point).given((store) -> {
				store.insertJob(CrashStore.job("bad", "record", 0).append("attempt", null).append("priority", 1));
				store.insertJob(CrashStore.job("one", "record", 0));
			})
				.leaves(has("bad", new Fate("failed", 0, 0, 0)).andThen(has("one", Fate.UNTOUCHED)))
				.ends(has("bad", new Fate("failed", 0, 0, 0)).andThen(has("one", Fate.RAN))));

			case FINISH_GATHERED -> Stream.of(new Crash(point).given(job("one", "record", 0))
				.leaves(has("one", Fate.claimed(1)))
				.ends(has("one", Fate.RAN_AGAIN)));
			case FINISH_WRITTEN -> Stream.of(
					new Crash(point).given(job("one", "record", 0))
						.leaves(has("one", Fate.RAN))
						.ends(has("one", Fate.RAN)),
					new Crash(point, "retention zero").given(job("one", "record", 0))
						.node("taskqueue.retention.succeeded=0s")
						.leaves(no("one"))
						.ends(no("one").andThen((store) -> assertThat(store.starts("one")).isEqualTo(1))),
					new Crash(point, "retry").given(job("one", "fail_once"))
						.node("taskqueue.job.backoff.initial=2s")
						.leaves(has("one", new Fate("pending", 1, 1, 0)))
						.ends(has("one", new Fate("succeeded", 2, 2, 0))));
			case FINISH_READ_BACK -> Stream.of(new Crash(point).given(job("one", "fail_cancelled"))
				.leaves(has("one", Fate.claimed(1)))
				.ends(has("one", new Fate("cancelled", 1, 1, 1))));

			case LEASE_TAKEN -> Stream.of(new Crash(point).given(job("one", "record", 0))
				.leaves(has("one", Fate.UNTOUCHED).andThen((store) -> assertThat(store.workers()).hasSize(1)))
				.ends(has("one", Fate.RAN)));
			case LEASE_LOST ->
				Stream.of(new Crash(point).given(job("one", "stay")).node(SHORT_LEASE).when((store, node) -> {
					awaitStart(store, node);
					store.fenceAllWorkers();
				}).leaves(has("one", Fate.claimed(1))).ends(has("one", Fate.RAN_AGAIN)));
			case LEASE_EMPTY -> Stream.of(new Crash(point).given(job("one", "record", 0))
				.when(afterStart(NodeProcess::sigterm))
				.leaves(has("one", Fate.RAN).andThen((store) -> assertThat(store.workers()).hasSize(1)))
				.ends(has("one", Fate.RAN)));

			case RECOVERY_INSERTED -> Stream.of(recover(point).given(runningJobs("one"))
				.leaves(has("one", Fate.claimed(0)).andThen(Crashes::deadWorkerIsFenced))
				.ends(has("one", Fate.RAN_ELSEWHERE)));
			case RECOVERY_FENCED -> Stream.of(recover(point).node(SHORT_LEASE)
				.given(runningJobs("one").andThen((store) -> store.insertDeadWorker(false)))
				.leaves(has("one", Fate.claimed(0)).andThen(Crashes::deadWorkerIsFenced))
				.ends(has("one", Fate.RAN_ELSEWHERE)));
			case RECOVERY_TAKEN_BACK -> Stream
				.of(recover(point).given(runningJobs("one", "two").andThen((store) -> store.insertDeadWorker(true)))
					.leaves((store) -> assertThat(List.of(fate(store, "one"), fate(store, "two")))
						.containsExactlyInAnyOrder(new Fate("pending", 0, 0, 1), Fate.claimed(0)))
					.ends(has("one", Fate.RAN_ELSEWHERE).andThen(has("two", Fate.RAN_ELSEWHERE))));
			case RECOVERY_ENDED -> Stream.of(recover(point).node("taskqueue.retention.failed=0s").given((store) -> {
				store.insertRunningJob("one", DEAD, new Document("recoveries", 2));
				store.insertDeadWorker(true);
			})
				.leaves(has("one", new Fate("failed", 0, 1, 3)))
				.ends((store) -> assertThat(Objects.requireNonNull(store.find("one")).getDate("delete_at"))
					.isBefore(Date.from(Instant.now().plus(Duration.ofMinutes(6))))));
			case RECOVERY_EMPTY ->
				Stream.of(recover(point).given(runningJobs("one").andThen((store) -> store.insertDeadWorker(true)))
					.leaves(has("one", new Fate("pending", 0, 0, 1)).andThen(Crashes::deadWorkerIsFenced))
					.ends(has("one", Fate.RAN_ELSEWHERE)));
			case RECOVERY_GIVEN_BACK -> Stream.of(recover(point).node(SHORT_LEASE).when((store, node) -> {
				Awaitility.await("the worker").atMost(START).until(() -> !store.workers().isEmpty() || !node.isAlive());
				String worker = store.workers().get(0).getString("_id");
				store.insertRunningJob("cancelled", worker,
						new Document("cancel_requested", true).append("claim", "lost"));
				store.insertRunningJob("one", worker, new Document("claim", "lost"));
			}).leaves(has("cancelled", Fate.claimed(0))).ends((store) -> {
				has("cancelled", new Fate("cancelled", 0, 1, 1)).accept(store);
				assertThat(store.fate("one")).isIn(Fate.RAN, Fate.RAN_ELSEWHERE);
			}));

			case LOCK_TAKEN -> Stream.of(new Crash(point).given(job("one", "exclusive", 0))
				.leaves(has("one", Fate.claimed(0)).andThen((store) -> assertThat(store.locks()).hasSize(1)))
				.ends(has("one", Fate.RAN_ELSEWHERE).andThen(Crashes::noLockIsLeft)));
			case LOCK_RELEASED -> Stream.of(oneLockOfTwo(point).leaves((store) -> {
				assertThat(fatesOfTwo(store)).containsExactlyInAnyOrder(Fate.RAN, Fate.UNTOUCHED);
				assertThat(store.locks()).isEmpty();
			}).ends(Crashes::bothRanOnce));
			case LOCK_PROMISED -> Stream.of(oneLockOfTwo(point).leaves((store) -> {
				assertThat(fatesOfTwo(store)).containsExactlyInAnyOrder(Fate.RAN, Fate.UNTOUCHED);
				assertThat(store.locks()).singleElement().satisfies((lock) -> assertThat(lock).containsKey("until"));
			}).ends(Crashes::bothRanOnce));

			case ROW_READ -> Stream.of(dispatch(point).given((store) -> store.insertRow("row", past(1), further()))
				.leaves((store) -> assertThat(store.jobs()).isEmpty())
				.ends(Crashes::rowRanOnce));
			case ROW_JOBS_HALVED -> Stream.of(dispatch(point).given((store) -> {
				store.insertRow("row", past(2), further());
				store.insertRow("large", past(1),
						further().append("function", "keep")
							.append("params", List.of("x".repeat(15 * MEGABYTE - 1000)))
							.append("name", "x".repeat(MEGABYTE + 1000 - 200)));
			}).leaves((store) -> assertThat(store.jobs()).hasSize(1)).ends((store) -> {
				rowRanOnce(store);
				assertThat(store.jobsOfRow("large")).isEmpty();
				assertThat(store.row("large").get("is_done")).isEqualTo(false);
			}));
			case ROW_JOBS_INSERTED -> Stream
				.of(dispatch(point).given((store) -> store.insertRow("row", past(1), further())).leaves((store) -> {
					assertThat(store.fatesOfRow("row")).containsExactly(Fate.UNTOUCHED);
					assertThat(store.row("row")).containsEntry("is_done", false);
				}).ends(Crashes::rowRanOnce),
						dispatch(point, "amid a portion").node("taskqueue.crontab.batch-size=2").given((store) -> {
							store.insertRow("missed", past(10),
									further().append("every", "60s").append("misfire", "all"));
							store.insertRow("row", past(1), further());
						}).leaves((store) -> {
							assertThat(store.fatesOfRow("missed")).hasSizeGreaterThanOrEqualTo(10)
								.containsOnly(Fate.UNTOUCHED);
							assertThat(store.jobsOfRow("row")).isEmpty();
						}).ends((store) -> {
							rowRanOnce(store);
							eachSlotRanOnce(store, "missed");
						}), new Crash(point, "born claimed").given(job("one", "record", 0)).when((store, node) -> {
							node.awaitLine("NODE READY", START);
							Awaitility.await("a worker that waits for jobs")
								.atMost(START)
								.until(() -> fate(store, "one").equals(Fate.RAN));
							store.insertRow("row", past(1), further());
						})
							.leaves((store) -> assertThat(store.fatesOfRow("row")).containsExactly(Fate.claimed(0)))
							.ends((store) -> assertThat(store.fatesOfRow("row")).containsExactly(Fate.RAN_ELSEWHERE)));
			case ROW_MARKED -> Stream.of(dispatch(point).given((store) -> {
				store.insertRow("row", past(1), further());
				store.insertRow("bad", past(1), further().append("params", "none"));
				store.insertRow("recurring", past(1), further().append("every", "1h"));
			}).leaves((store) -> {
				assertThat(store.fatesOfRow("row")).containsExactly(Fate.UNTOUCHED);
				assertThat(store.row("row")).containsEntry("is_done", true);
				assertThat(store.row("bad")).containsKey("error");
				assertThat(store.fatesOfRow("recurring")).containsExactly(Fate.UNTOUCHED);
			}).ends((store) -> {
				rowRanOnce(store);
				assertThat(store.fatesOfRow("recurring")).containsExactly(Fate.RAN);
				assertThat(store.jobs()).hasSize(2);
			}));

			case SHUTDOWN_CLAIMS_ENDED -> Stream.of(new Crash(point).given(job("one", "stay"))
				.when(afterStart(NodeProcess::sigterm))
				.leaves(has("one", Fate.claimed(1)))
				.ends(has("one", Fate.RAN_AGAIN)));
			case SHUTDOWN_INTERRUPTED -> Stream.of(new Crash(point).given(job("one", "stay"))
				.node("taskqueue.shutdown.timeout=500ms")
				.when(afterStart(NodeProcess::sigterm))
				.leaves((store) -> assertThat(store.fate("one")).isIn(Fate.claimed(1), new Fate("pending", 1, 0, 0)))
				.ends((store) -> assertThat(store.fate("one")).isIn(Fate.RAN_AGAIN, new Fate("succeeded", 2, 1, 0))));
			case SHUTDOWN_DRAINED -> Stream.of(new Crash(point).given(job("one", "record", 1000))
				.when(afterStart(NodeProcess::sigterm))
				.leaves((store) -> assertThat(store.fate("one")).isIn(Fate.claimed(1), Fate.RAN))
				.ends((store) -> assertThat(store.fate("one")).isIn(Fate.RAN_AGAIN, Fate.RAN)));
			case SHUTDOWN_FLUSHED -> Stream.of(new Crash(point).given(job("one", "record", 1000))
				.when(afterStart(NodeProcess::sigterm))
				.leaves(has("one", Fate.RAN).andThen((store) -> assertThat(store.workers()).hasSize(1)))
				.ends(has("one", Fate.RAN)));
			case SHUTDOWN_ENDED -> Stream.of(new Crash(point).given(job("one", "record", 1000))
				.when(afterStart(NodeProcess::sigterm))
				.leaves(has("one", Fate.RAN).andThen((store) -> assertThat(store.workers()).isEmpty()))
				.ends(has("one", Fate.RAN)));
		};
	}

	private static Crash oneLockOfTwo(CrashPoint point) {
		return new Crash(point).given(job("one", "exclusive", 1500).andThen(job("two", "exclusive", 1500)));
	}

	private static List<Fate> fatesOfTwo(CrashStore store) {
		return List.of(fate(store, "one"), fate(store, "two"));
	}

	private static void bothRanOnce(CrashStore store) {
		assertThat(fatesOfTwo(store)).containsOnly(Fate.RAN);
		noLockIsLeft(store);
	}

	private static void noLockIsLeft(CrashStore store) {
		assertThat(store.locks()).isEmpty();
	}

	private static Crash submit(CrashPoint point, Submits submits) {
		return new Crash(point, submits.name()).node(NO_WORKER, CrashNode.SUBMITS + "=" + submits);
	}

	private static Crash recover(CrashPoint point) {
		return new Crash(point).node(OTHER_QUEUE);
	}

	private static Crash dispatch(CrashPoint point) {
		return dispatch(point, "");
	}

	private static Crash dispatch(CrashPoint point, String name) {
		return new Crash(point, name).node(OTHER_QUEUE);
	}

	private static Consumer<CrashStore> job(String id, String function, Object... params) {
		return (store) -> store.insertJob(CrashStore.job(id, function, params));
	}

	private static Consumer<CrashStore> runningJobs(String... ids) {
		return (store) -> Stream.of(ids).forEach((id) -> store.insertRunningJob(id, DEAD, further()));
	}

	/**
	 * The quick ones let a line grow, in which the others stand, so that the node soon
	 * gives them back.
	 */
	private static void quickJobsBeforeOnesThatStay(CrashStore store) {
		store.insertJobs(IntStream.range(0, 1000)
			.mapToObj((i) -> CrashStore.job("quick-" + i, "nothing").append("priority", 1))
			.toList());
		store.insertJobs(IntStream.range(0, 10).mapToObj((i) -> CrashStore.job("staying-" + i, "stay")).toList());
	}

	private static List<Fate> fatesOfThoseThatStay(CrashStore store) {
		return IntStream.range(0, 10).mapToObj((i) -> fate(store, "staying-" + i)).toList();
	}

	private static BiConsumer<CrashStore, NodeProcess> afterStart(Consumer<NodeProcess> action) {
		return (store, node) -> {
			node.awaitLine("NODE READY", START);
			awaitStart(store, node);
			action.accept(node);
		};
	}

	private static void awaitStart(CrashStore store, NodeProcess node) {
		Awaitility.await("the start of the job").atMost(START).until(() -> store.starts("one") > 0 || !node.isAlive());
	}

	private static Consumer<CrashStore> has(String job, Fate fate) {
		return (store) -> assertThat(store.fate(job)).as("job '%s'", job).isEqualTo(fate);
	}

	private static Consumer<CrashStore> no(String job) {
		return (store) -> assertThat(store.find(job)).as("job '%s'", job).isNull();
	}

	private static Fate fate(CrashStore store, String job) {
		return Objects.requireNonNull(store.fate(job));
	}

	private static void deadWorkerIsFenced(CrashStore store) {
		assertThat(store.workers()).filteredOn((worker) -> DEAD.equals(worker.get("_id")))
			.singleElement()
			.satisfies((worker) -> assertThat(worker).containsEntry("fenced", true));
	}

	private static void rowRanOnce(CrashStore store) {
		assertThat(store.fatesOfRow("row")).containsExactly(Fate.RAN);
		assertThat(store.row("row")).containsEntry("is_done", true)
			.containsEntry("job_id", store.jobsOfRow("row").get(0).get("_id"));
	}

	private static void eachSlotRanOnce(CrashStore store, String row) {
		List<Document> jobs = store.jobsOfRow(row);
		List<Long> slots = jobs.stream()
			.map((job) -> job.get("origin", Document.class).getDate("time").getTime() / 1000)
			.toList();
		assertThat(slots).as("slots, a minute apart")
			.isEqualTo(LongStream.iterate(slots.get(0), (slot) -> slot + MINUTE).limit(slots.size()).boxed().toList());
		assertThat(store.fatesOfRow(row)).containsOnly(Fate.RAN);
		assertThat(((Number) Objects.requireNonNull(store.row(row).get("time"))).longValue())
			.isEqualTo(slots.get(slots.size() - 1) + MINUTE);
	}

	private static Document further() {
		return new Document();
	}

	/** Whole seconds of the epoch, as most owners of rows write them. */
	private static long past(int minutes) {
		return Instant.now().getEpochSecond() - (long) minutes * MINUTE;
	}

}
