package dev.taskqueue.observe;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The first so many names stay as they are, all further ones become one: a tag whose
 * values other programs choose must not grow without end.
 */
final class BoundedNames {

	private final int limit;

	private final String rest;

	private final Set<String> names = ConcurrentHashMap.newKeySet();

	BoundedNames(int limit, String rest) {
		this.limit = limit;
		this.rest = rest;
	}

	String name(String name) {
		if (this.names.contains(name)) {
			return name;
		}
		// threads that race here may let in a few more than the limit: harmless
		if (this.names.size() < this.limit) {
			this.names.add(name);
			return name;
		}
		return this.rest;
	}

}
