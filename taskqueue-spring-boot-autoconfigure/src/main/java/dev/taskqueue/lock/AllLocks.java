package dev.taskqueue.lock;

import java.util.List;

/**
 * A look at all locks that some job waits for, and at those that some job has, a portion
 * at a time.
 */
final class AllLocks {

	private static final int PORTION = 100;

	private final WaitingJobs waiting;

	private final Holders holders;

	private final boolean andHeld;

	private String lastWaitedFor = "";

	private boolean allWaitedFor;

	private String lastHeld = "";

	/**
	 * Creates one.
	 * @param andHeld whether those too that nobody waits for
	 */
	AllLocks(WaitingJobs waiting, Holders holders, boolean andHeld) {
		this.waiting = waiting;
		this.holders = holders;
		this.andHeld = andHeld;
	}

	/** The next names; none after the last. */
	List<String> next() {
		if (!this.allWaitedFor) {
			List<String> names = this.waiting.names(this.lastWaitedFor, PORTION);
			if (!names.isEmpty()) {
				this.lastWaitedFor = names.get(names.size() - 1);
				return names;
			}
			this.allWaitedFor = true;
		}
		if (!this.andHeld) {
			return List.of();
		}
		List<String> names = this.holders.names(this.lastHeld, PORTION);
		if (!names.isEmpty()) {
			this.lastHeld = names.get(names.size() - 1);
		}
		return names;
	}

}
