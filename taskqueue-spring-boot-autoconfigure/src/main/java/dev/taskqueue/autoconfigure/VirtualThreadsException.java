package dev.taskqueue.autoconfigure;

import org.springframework.boot.system.JavaVersion;

/**
 * Virtual threads are wanted on a JDK that has none.
 */
final class VirtualThreadsException extends RuntimeException {

	VirtualThreadsException() {
		super("Property 'taskqueue.worker.threads' is 'virtual', which needs Java 21 or later; this is Java "
				+ JavaVersion.getJavaVersion() + ".");
	}

	static boolean areSupported() {
		return JavaVersion.getJavaVersion().isEqualOrNewerThan(JavaVersion.TWENTY_ONE);
	}

}
