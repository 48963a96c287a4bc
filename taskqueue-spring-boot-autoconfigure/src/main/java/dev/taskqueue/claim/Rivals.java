package dev.taskqueue.claim;

import java.util.List;
import java.util.random.RandomGenerator;

import dev.taskqueue.store.JobDocument;

/**
 * The other claimers of a queue. All read the same jobs first, and each job goes to one
 * of them only. So who loses to others reads further the next time and takes some from
 * the middle, until nobody is in the way any more. Jobs of a lower priority are not taken
 * before all of a higher one.
 */
final class Rivals {

	private static final int MOST = 16;

	/** To read further costs more than to step aside for a moment. */
	private static final int MOST_READ = 1000;

	private int spread = 1;

	/** How many due jobs to read so as to choose some of them. */
	int toRead(int wanted) {
		return Math.max(wanted, Math.min(MOST_READ, wanted * this.spread));
	}

	/**
	 * Chooses those to be claimed.
	 * @param due in order
	 * @param wanted how many
	 * @param random where to begin
	 */
	List<JobDocument> choose(List<JobDocument> due, int wanted, RandomGenerator random) {
		if (due.size() <= wanted) {
			return due;
		}
		int alike = 1;
		double first = ClaimQuery.priority(due.get(0).document());
		while (alike < due.size() && ClaimQuery.priority(due.get(alike).document()) == first) {
			alike++;
		}
		int from = random.nextInt(Math.max(0, alike - wanted) + 1);
		return due.subList(from, from + wanted);
	}

	/**
	 * How a claim went.
	 * @param tried how many were to be claimed
	 * @param lost how many others had taken
	 * @return true if most were lost and to read further is no help
	 */
	boolean met(int tried, int lost) {
		boolean hasLost = lost > tried / 2;
		boolean mayGrow = this.spread < MOST && tried * this.spread < MOST_READ;
		if (lost > 0 && mayGrow) {
			this.spread *= 2;
		}
		else if (lost == 0 && this.spread > 1) {
			this.spread--;
		}
		return hasLost && !mayGrow;
	}

}
