package dev.taskqueue.claim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.taskqueue.store.JobDocument;

/**
 * The queues that this worker serves and when each is worth a look. Each round begins
 * with another queue, so that none starves behind a full one.
 */
final class QueueOrder {

	private final Map<String, Lane> lanes = new LinkedHashMap<>();

	private final Collection<String> named;

	private final boolean others;

	private final QueueWeights weights;

	private int first;

	/**
	 * Creates one.
	 * @param named the queues that are served in any case
	 * @param others whether others that turn up are served too
	 * @param weights which queue comes first
	 */
	QueueOrder(Collection<String> named, boolean others, QueueWeights weights) {
		this.named = List.copyOf(named);
		this.others = others;
		this.weights = weights;
		this.named.forEach(this::add);
	}

	/** A queue turned up; ignored where it is not served. */
	void add(String queue) {
		if (serves(queue)) {
			this.lanes.computeIfAbsent(queue, Lane::new);
		}
	}

	/**
	 * A queue may have due jobs.
	 * @param queue its name
	 * @param told the jobs that are all that is new in it; none if that is not known
	 */
	void wake(String queue, List<JobDocument> told) {
		add(queue);
		Lane lane = this.lanes.get(queue);
		if (lane != null) {
			lane.wake(told, System.nanoTime());
		}
	}

	/** Each queue may have due jobs. */
	void wakeAll() {
		this.lanes.values().forEach(Lane::wake);
	}

	/** Whether a queue is one of those that are served. */
	boolean serves(String queue) {
		return this.others || this.named.contains(queue);
	}

	/** The queues that may have more that can be claimed. */
	List<String> open() {
		return this.lanes.values().stream().filter((lane) -> !lane.content).map(Lane::queue).toList();
	}

	/** The queues that are worth a look now. */
	List<Lane> due(long nanoTime) {
		List<Lane> due = new ArrayList<>();
		for (Lane lane : this.lanes.values()) {
			if (lane.isDue(nanoTime)) {
				due.add(lane);
			}
		}
		if (!due.isEmpty()) {
			this.first = (this.first + 1) % due.size();
			Collections.rotate(due, this.first);
		}
		return due;
	}

	/**
	 * Of queues that are worth a look those that come before all others. Those that come
	 * before them and rest for a moment only are waited for.
	 * @param due the queues that are worth a look now
	 */
	List<Lane> foremost(List<Lane> due) {
		if (!this.weights.strict()) {
			return due;
		}
		List<Lane> open = new ArrayList<>(due);
		this.lanes.values().stream().filter((lane) -> !lane.content && !due.contains(lane)).forEach(open::add);
		int rank = open.stream().mapToInt(this::rank).max().orElse(0);
		List<Lane> first = due.stream().filter((lane) -> rank(lane) == rank).toList();
		if (first.isEmpty()) {
			open.stream()
				.filter((lane) -> rank(lane) == rank)
				.mapToLong((lane) -> lane.lookAt)
				.min()
				.ifPresent((lookAt) -> due.forEach((lane) -> lane.restUntil(lookAt)));
		}
		return first;
	}

	private int rank(Lane lane) {
		return this.weights.rank(lane.queue);
	}

	/** How long until a queue is worth a look; 0 for now. */
	long nanosToNext(long nanoTime, long most) {
		long nanos = most;
		for (Lane lane : this.lanes.values()) {
			nanos = Math.min(nanos, lane.isDue(nanoTime) ? 0 : lane.lookAt - nanoTime);
		}
		return nanos;
	}

	/** A queue and when it is worth a look. */
	static final class Lane {

		private final String queue;

		private long lookAt = Long.MIN_VALUE;

		private boolean content;

		/**
		 * Whether a look found nothing that waits, and nobody told of something since but
		 * of those in {@link #told}.
		 */
		private boolean settled;

		private long settledUntil;

		private boolean idle;

		private List<JobDocument> told = List.of();

		private final Rivals rivals = new Rivals();

		Lane(String queue) {
			this.queue = queue;
		}

		String queue() {
			return this.queue;
		}

		/** Who else takes jobs of this queue. */
		Rivals rivals() {
			return this.rivals;
		}

		boolean isDue(long nanoTime) {
			return this.lookAt == Long.MIN_VALUE || this.lookAt - nanoTime <= 0;
		}

		void wake() {
			this.lookAt = Long.MIN_VALUE;
			this.content = false;
			this.settled = false;
			this.told = List.of();
		}

		void wake(List<JobDocument> told, long nanoTime) {
			if (told.isEmpty() || !isSettled(nanoTime) || this.told.size() + told.size() > Wakeups.MOST_TOLD) {
				wake();
				return;
			}
			if (this.told.isEmpty()) {
				this.told = new ArrayList<>();
			}
			this.told.addAll(told);
			this.lookAt = Long.MIN_VALUE;
			this.content = false;
		}

		/** Worth a look at that time, or when woken. */
		void restUntil(long nanoTime) {
			this.lookAt = nanoTime;
		}

		/** Nothing more can be claimed: worth a look at that time, or when woken. */
		void contentUntil(long nanoTime) {
			wake();
			restUntil(nanoTime);
			this.content = true;
		}

		/**
		 * A look found nothing that waits before that time.
		 * @param idle whether nothing is known that is due then either
		 */
		void settleUntil(long nanoTime, boolean idle) {
			contentUntil(nanoTime);
			this.settled = true;
			this.settledUntil = nanoTime;
			this.idle = idle;
		}

		/** The told ones were all that waited. */
		void settleAgain() {
			settleUntil(this.settledUntil, this.idle);
		}

		private boolean isSettled(long nanoTime) {
			return this.settled && this.settledUntil - nanoTime > 0;
		}

		/** Whether nothing was known at the last look, and nobody woke it since. */
		boolean isIdle() {
			return this.settled && this.idle && this.told.isEmpty();
		}

		/**
		 * Is looked at, and may turn out to have much.
		 * @param most how many can be taken
		 * @return all that waits, where that is known and can be taken
		 */
		List<JobDocument> look(int most, long nanoTime) {
			List<JobDocument> all = (isSettled(nanoTime) && this.told.size() <= most) ? this.told : List.of();
			wake();
			return all;
		}

	}

}
