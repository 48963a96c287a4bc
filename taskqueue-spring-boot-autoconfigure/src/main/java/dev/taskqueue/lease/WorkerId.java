package dev.taskqueue.lease;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.UUID;

/**
 * Names of workers: readable for people, short (the name stands in every claimed job),
 * and never given twice.
 */
final class WorkerId {

	private static final int LONGEST_HOST = 32;

	private static final String PREFIX = shortened(host()) + "-" + ProcessHandle.current().pid() + "-";

	private WorkerId() {
	}

	static String next() {
		return PREFIX + UUID.randomUUID().toString().substring(0, 8);
	}

	private static String host() {
		// the environment first: a name service that hangs must not hold up a start
		for (String variable : List.of("HOSTNAME", "COMPUTERNAME")) {
			String name = System.getenv(variable);
			if (name != null && !name.isBlank()) {
				return name;
			}
		}
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "host";
		}
	}

	static String shortened(String host) {
		String label = host.split("\\.", 2)[0].replaceAll("[^A-Za-z0-9_-]", "");
		if (label.isEmpty()) {
			return "host";
		}
		// the end of a generated name (a pod's) tells more than its beginning
		return label.substring(Math.max(0, label.length() - LONGEST_HOST));
	}

}
