package dev.taskqueue.benchmark;

/**
 * What the environment says.
 *
 * @param uri the server's connection string
 * @param jobs how many jobs a drain has
 * @param samples how many single jobs are looked at for their latency
 * @param finished how many finished jobs make a crowd
 * @param scheduled how many jobs of later make one
 * @param rows how many rows are due in one minute at most
 */
record Settings(String uri, int jobs, int samples, int finished, int scheduled, int rows) {

	static Settings fromEnvironment() {
		return new Settings(text("MONGODB_URI", "mongodb://127.0.0.1:27017/?replicaSet=rs0"), number("JOBS", 200_000),
				number("SAMPLES", 500), number("FINISHED", 10_000_000), number("SCHEDULED", 1_000_000),
				number("ROWS", 1_000_000));
	}

	Settings withUri(String uri) {
		return new Settings(uri, this.jobs, this.samples, this.finished, this.scheduled, this.rows);
	}

	private static int number(String name, int otherwise) {
		return Integer.parseInt(text(name, String.valueOf(otherwise)));
	}

	private static String text(String name, String otherwise) {
		String value = System.getenv(name);
		return (value != null && !value.isBlank()) ? value : otherwise;
	}

}
