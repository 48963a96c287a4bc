package dev.taskqueue.claim;

import java.util.List;
import java.util.Map;

import dev.taskqueue.store.JobDocument;
import org.bson.Document;

/**
 * Claims for the tests of the steps after this one.
 */
public final class Claims {

	private final HeldTokens tokens = new HeldTokens();

	private final Slots slots = new Slots(10, Map.of(), QueueWeights.EQUAL, (queue) -> {
	}, () -> {
	});

	/**
	 * A claim of a job, which has its slot.
	 * @param before the job's document as it was before the claim
	 */
	public Claim of(Document before, String token) {
		this.tokens.register(token);
		this.tokens.claimed(token, 1);
		Claim claim = new Claim(new JobDocument(before), "w", token, this.slots, this.tokens);
		this.slots.take(List.of(claim));
		return claim;
	}

	public boolean isHeld(String token) {
		return this.tokens.contains(token, "");
	}

	public int running() {
		return this.slots.running();
	}

}
