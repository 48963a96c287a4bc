package dev.taskqueue.store;

import java.util.function.Consumer;

/**
 * The door by which tests of all packages have something happen at a {@link CrashPoint}.
 */
public final class CrashPoints {

	private CrashPoints() {
	}

	/**
	 * Has something happen at each point, in the thread that comes to it, until
	 * {@link #clear()}.
	 * @param hook what; may throw, or not return
	 */
	public static void set(Consumer<CrashPoint> hook) {
		CrashPoint.setHook(hook);
	}

	public static void clear() {
		CrashPoint.setHook(null);
	}

}
