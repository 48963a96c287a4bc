package dev.taskqueue.claim;

import java.util.List;
import java.util.function.Consumer;

import dev.taskqueue.store.CrashPoint;

/**
 * Where claims go: to their run, or unbegun back to pending. No {@code Error} in between
 * leaves one of them with a slot and nobody who runs it.
 */
final class Handover {

	private final Consumer<Claim> start;

	private final Consumer<Claim> giveBack;

	/**
	 * Creates one.
	 * @param start runs a claim that has its slot; returns at once
	 * @param giveBack returns a claim to pending that was not started
	 */
	Handover(Consumer<Claim> start, Consumer<Claim> giveBack) {
		this.start = start;
		this.giveBack = giveBack;
	}

	/** Runs claims that have their slots. */
	void begin(List<Claim> started) {
		int begun = 0;
		try {
			CrashPoint.CLAIM_TAKEN.reached();
			while (begun < started.size()) {
				this.start.accept(started.get(begun++));
			}
		}
		finally {
			// an Error came between: the others must not keep their slots
			for (; begun < started.size(); begun++) {
				for (Claim next = started.get(begun); next != null; next = next.release()) {
					this.giveBack.accept(next);
				}
			}
		}
	}

	/** Returns claims that stood in line. */
	void giveBack(List<Claim> waiting) {
		int withdrawn = 0;
		try {
			while (withdrawn < waiting.size()) {
				CrashPoint.CLAIM_WITHDRAWN.reached();
				this.giveBack.accept(waiting.get(withdrawn++));
			}
		}
		finally {
			for (; withdrawn < waiting.size(); withdrawn++) {
				this.giveBack.accept(waiting.get(withdrawn));
			}
		}
	}

	/** Returns a claim that never stood in line. */
	void giveBack(Claim claim) {
		this.giveBack.accept(claim);
	}

}
