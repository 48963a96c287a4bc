package dev.taskqueue.client;

/**
 * A number that was counted up to a bound, since other programs insert jobs too and
 * millions are not counted for a glance.
 *
 * @param count the number, at most the bound
 * @param isMore whether there are more
 */
public record BoundedCount(int count, boolean isMore) {

	/** No depth is counted further. */
	static final int BOUND = 10_000;

	static BoundedCount of(long counted) {
		return new BoundedCount((int) Math.min(BOUND, counted), counted > BOUND);
	}

	@Override
	public String toString() {
		return this.count + (this.isMore ? "+" : "");
	}

}
