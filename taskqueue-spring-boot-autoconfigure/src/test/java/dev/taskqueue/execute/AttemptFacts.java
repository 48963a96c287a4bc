package dev.taskqueue.execute;

import dev.taskqueue.JobContext;
import dev.taskqueue.claim.Claim;

/**
 * By what an attempt holds its job: the functions of a trial write it down, those of an
 * application have no use for it.
 *
 * @param worker the identity of the worker
 * @param claim the token
 * @param recoveries how often the job had been taken back before
 */
public record AttemptFacts(String worker, String claim, int recoveries) {

	public static AttemptFacts of(JobContext job) {
		Claim claim = ((AttemptContext) job).running().claim();
		return new AttemptFacts(claim.worker(), claim.token(), claim.job().recoveries());
	}

}
