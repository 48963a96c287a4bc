package dev.taskqueue.history;

import java.util.function.Function;
import java.util.stream.Stream;

/** The promises, in the order of a job's way. */
enum Rule {

	ACKNOWLEDGED_JOBS_END("Every job that was acknowledged reached an end", JobRules::acknowledgedJobsEnd),

	REFUSED_SUBMITS_LEAVE_NOTHING("A submit that was refused left nothing", JobRules::refusedSubmitsLeaveNothing),

	NOTHING_FROM_NOWHERE("No job ran or was stored that nobody submitted", JobRules::nothingFromNowhere),

	NOT_TOO_EARLY("No job started before its time", JobRules::notTooEarly),

	ONE_JOB_A_KEY("Of one unique key one job at a time was pending or running, or held it for its period",
			KeyRules::oneJobAKey),

	ONE_RUN_A_CLAIM("No claim was run twice", RunRules::oneRunAClaim),

	ONE_HOLDER("No attempt was begun by one worker while another's lease on it held", RunRules::oneHolder),

	ONE_HAS_THE_LOCK("No run began under a lock while another had it, but for a fenced one", RunRules::oneHasTheLock),

	LAST_RUN_COUNTS("The outcome in the store is that of the last run: none of a fenced attempt was taken",
			RunRules::lastRunCounts),

	ATTEMPTS_COUNT("Each attempt follows one that failed, by one", RunRules::attemptsCount),

	RECOVERIES_COUNT("Each run of the same attempt follows a recovery that was counted, or a return in order",
			RunRules::recoveriesCount),

	FIELDS_AGREE("The attempts and recoveries in the store are those of the last run", RunRules::fieldsAgree),

	AS_THE_FUNCTION_WILLED("A job ended as its function willed it, unless its worker was lost too often",
			JobRules::asTheFunctionWilled),

	CANCELLED_JOBS_REST("What was answered to a cancellation came true: a job that had not begun never did, one that "
			+ "ran ended, and began nowhere again", SteeringRules::cancelledJobsRest),

	PAUSED_QUEUES_REST("No job of a queue began between a pause that each node must have heard of and its resume",
			SteeringRules::pausedQueuesRest),

	REVOKED_FUNCTIONS_REST("No job of a function began between a revocation that each node must have heard of and its "
			+ "restoration, and no other job was revoked", SteeringRules::revokedFunctionsRest),

	WEIGHTS_ARE_KEPT(
			"While jobs of all weighted queues waited, each node began as many of each as its weight says, give "
					+ "or take what it has at hand",
			OrderRules::weightsAreKept),

	NO_QUEUE_STARVES("While jobs of a weighted queue waited, one of them began when its turn had come on each node, or "
			+ "with what the nodes had at hand then", OrderRules::noQueueStarves),

	RANKS_ARE_KEPT(
			"While jobs of a queue waited of which a node must have heard, it began no more of a queue of a lower "
					+ "rank than it had at hand",
			OrderRules::ranksAreKept),

	EARLIER_COME_FIRST("No job began before one of a higher priority of its queue that no node had at hand, nor before "
			+ "more earlier ones of its own than claimers reach over", OrderRules::earlierComeFirst),

	ONE_END_TOLD("One end of a job was told at most, and it is the one in the store", JobRules::oneEndTold),

	WITHIN_LIMITS("No node ran more at a time than it may, in all and of a bounded queue", NodeRules::withinLimits),

	EACH_SLOT_ONCE("Each slot of a row became one job", RowRules::eachSlotOnce),

	ROWS_GO_ON("A row of one time that was acknowledged is done, a recurring one goes on", RowRules::rowsGoOn),

	LISTS_ARE_FOLLOWED("The rows of a provider that go on running are those of its last list",
			RowRules::listsAreFollowed),

	NOTHING_LEFT("Nothing is left running, claimed or locked", NodeRules::nothingLeft);

	private final String promise;

	// a function without a state of its own
	@SuppressWarnings("ImmutableEnumChecker")
	private final Function<History, Stream<Violation>> check;

	Rule(String promise, Function<History, Stream<Violation>> check) {
		this.promise = promise;
		this.check = check;
	}

	String promise() {
		return this.promise;
	}

	Stream<Violation> check(History history) {
		return this.check.apply(history);
	}

}
