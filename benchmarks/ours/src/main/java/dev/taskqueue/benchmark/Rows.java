package dev.taskqueue.benchmark;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import org.bson.Document;

/**
 * A minute with many due rows, and how another queue fares meanwhile.
 */
final class Rows implements Suite {

	/** What one looks at of more rows than can be run in it. */
	private static final Duration SPAN = Duration.ofSeconds(60);

	private static final Duration IDLE = Duration.ofSeconds(30);

	/** Jobs before those that count: the node has just started. */
	private static final int WARM_UP = 100;

	private static final int INSERTED_A_SECOND = 10_000;

	private static final int BATCH = 1000;

	private static final Duration BETWEEN = Duration.ofMillis(50);

	private final Figures ours = new Figures("taskqueue");

	private final Figures bare = new Figures("bare");

	@Override
	public void run(Settings settings) {
		try (Store store = new Store(settings); Node node = Node.start(settings, List.of())) {
			Bare bare = new Bare(store.database(), "bare");
			for (int i = 0; i < WARM_UP; i++) {
				Functions.untilProbeStarts(node.queue());
				bare.insert(0);
			}
			tellOthers("idle", node, bare, System.nanoTime() + IDLE.toNanos(), Long.MAX_VALUE);
			for (int rows : new int[] { 10, 10_000, settings.rows() }) {
				minute(store, node, bare, rows);
			}
			this.ours.tell("rows-heap-limit", Runtime.getRuntime().maxMemory() / 1048576.0);
			this.ours.tell("rows-memory", Memory.residentMegabytes());
		}
	}

	private void minute(Store store, Node node, Bare bare, int rows) {
		MongoCollection<Document> crontab = store.database().getCollection("crontab_jobs");
		crontab.deleteMany(Filters.empty());
		store.clear();
		long ready = Instant.now().getEpochSecond() + 5 + rows / INSERTED_A_SECOND;
		long minute = (ready / 60 + 1) * 60;
		for (int from = 0; from < rows; from += BATCH) {
			crontab.insertMany(
					IntStream.range(from, Math.min(rows, from + BATCH)).mapToObj((i) -> row(i, minute)).toList());
		}
		Functions.expect(0);
		Duration ahead = Duration.between(Instant.now(), Instant.ofEpochSecond(minute));
		if (ahead.isNegative()) {
			throw new IllegalStateException("The rows were not written in time");
		}
		long due = System.nanoTime() + ahead.toNanos();
		Load.pause(ahead);
		long end = due + SPAN.toNanos();
		if (rows > BATCH) {
			tellOthers("beside-" + rows, node, bare, end, rows);
		}
		Load.await("the rows to run", () -> Functions.ran() >= rows || System.nanoTime() - end >= 0);
		long took = System.nanoTime() - due;
		this.ours.tell("rows-" + rows + "-first-ms", (Functions.first() - due) / 1e6);
		this.ours.tell("rows-" + rows + "-rate", Load.perSecond(Functions.ran(), took));
		crontab.deleteMany(Filters.empty());
	}

	/**
	 * From the submit to a queue of their own to the start, job by job; and, in turn with
	 * these, one bare insert: what the server alone makes everybody wait.
	 */
	private void tellOthers(String when, Node node, Bare bare, long end, long rows) {
		List<Long> starts = new ArrayList<>();
		List<Long> inserts = new ArrayList<>();
		while (System.nanoTime() - end < 0 && Functions.ran() < rows) {
			starts.add(Functions.untilProbeStarts(node.queue()));
			Load.pauseAbout(BETWEEN);
			long before = System.nanoTime();
			bare.insert(0);
			inserts.add(System.nanoTime() - before);
			Load.pauseAbout(BETWEEN);
		}
		this.ours.tellTimes("other-queue-" + when, array(starts));
		this.bare.tellTimes("insert-" + when, array(inserts));
	}

	private static long[] array(List<Long> nanos) {
		return nanos.stream().mapToLong(Long::longValue).toArray();
	}

	private static Document row(int argument, long minute) {
		return new Document("name", "row").append("function", "noop")
			.append("params", List.of(argument))
			.append("time", minute)
			.append("is_done", false);
	}

}
