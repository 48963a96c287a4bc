package dev.taskqueue.history;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Decides whether the promises were kept in a run. */
public final class Checker {

	private Checker() {
	}

	/** Looks at each promise. */
	public static Verdict check(History history) {
		Map<Rule, List<Violation>> violations = new EnumMap<>(Rule.class);
		for (Rule rule : Rule.values()) {
			List<Violation> found = rule.check(history).toList();
			if (!found.isEmpty()) {
				violations.put(rule, found);
			}
		}
		return new Verdict(history, violations);
	}

}
