package dev.taskqueue.fault;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import dev.taskqueue.testsupport.MongoServer;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database in which a node dies: what other programs write into it, and what it says.
 */
final class CrashStore {

	/** A worker that has been dead for long. */
	static final String DEAD = "dead-1-00000000";

	private final MongoDatabase database;

	CrashStore(MongoDatabase database) {
		this.database = database;
	}

	/** For a node, whose connections bear the name of the database. */
	String uri() {
		String uri = MongoServer.uri(this.database);
		return uri + (uri.contains("?") ? "&" : "?") + "appName=" + this.database.getName();
	}

	void insertJob(Document job) {
		this.database.getCollection("taskqueue_jobs").insertOne(job);
	}

	void insertJobs(List<Document> jobs) {
		this.database.getCollection("taskqueue_jobs").insertMany(jobs);
	}

	/** A job that runs by the store's word, under a worker and a token. */
	void insertRunningJob(String id, String worker, Document further) {
		Document job = job(id, "record", 0).append("state", "running")
			.append("worker", worker)
			.append("claim", "claim-of-" + id)
			.append("attempt", 1);
		job.putAll(further);
		insertJob(job);
	}

	static Document job(String id, String function, Object... params) {
		Date now = Date.from(Instant.now().minusSeconds(10));
		return new Document("_id", id).append("function", function)
			.append("params", List.of(params))
			.append("queue", "default")
			.append("priority", 0)
			.append("state", "pending")
			.append("run_at", now)
			.append("created_at", now);
	}

	/** The document of a worker that beat for the last time an hour ago. */
	void insertDeadWorker(boolean fenced) {
		Document worker = new Document("_id", DEAD).append("beat_at", Date.from(Instant.now().minusSeconds(3600)))
			.append("lease_ms", 2000L);
		this.database.getCollection("taskqueue_workers")
			.insertOne(fenced ? worker.append("fenced", true).append("fenced_by", "another") : worker);
	}

	/** As another node does that takes all workers for lost. */
	void fenceAllWorkers() {
		this.database.getCollection("taskqueue_workers")
			.updateMany(Filters.empty(), Updates.combine(Updates.set("fenced", true), Updates.set("fenced_by", "me")));
	}

	/** What a dead node holds is over, which takes a lease otherwise. */
	void letALeaseGoBy() {
		Date longAgo = Date.from(Instant.now().minusSeconds(3600));
		this.database.getCollection("taskqueue_workers").updateMany(Filters.empty(), Updates.set("beat_at", longAgo));
		this.database.getCollection("taskqueue_locks").updateMany(Filters.empty(), Updates.set("until", longAgo));
	}

	void insertRow(String id, Object time, Document further) {
		Document row = new Document("_id", id).append("name", id)
			.append("function", "record")
			.append("params", List.of(0))
			.append("time", time)
			.append("is_done", false);
		row.putAll(further);
		this.database.getCollection("crontab_jobs").insertOne(row);
	}

	Document row(String id) {
		return Objects.requireNonNull(this.database.getCollection("crontab_jobs").find(Filters.eq("_id", id)).first());
	}

	List<Document> jobs() {
		return find("taskqueue_jobs", Filters.empty());
	}

	/** The jobs of a row, by their slots. */
	List<Document> jobsOfRow(String row) {
		return this.database.getCollection("taskqueue_jobs")
			.find(Filters.eq("origin.row", row))
			.sort(Sorts.ascending("origin.time"))
			.into(new ArrayList<>());
	}

	List<Document> active() {
		return find("taskqueue_jobs", Filters.in("state", "pending", "running"));
	}

	List<Document> workers() {
		return find("taskqueue_workers", Filters.empty());
	}

	/** The locks of jobs. */
	List<Document> locks() {
		return find("taskqueue_locks", Filters.regex("_id", "^job:"));
	}

	int starts(Object job) {
		return (int) this.database.getCollection(Node.STARTS).countDocuments(Filters.eq("job", job));
	}

	@Nullable Document find(String job) {
		return this.database.getCollection("taskqueue_jobs").find(Filters.eq("_id", job)).first();
	}

	/** What became of a job up to now; null where there is none. */
	@Nullable Fate fate(String job) {
		Document found = find(job);
		return (found != null) ? fate(found) : null;
	}

	List<Fate> fatesOfRow(String row) {
		return jobsOfRow(row).stream().map(this::fate).toList();
	}

	private Fate fate(Document job) {
		return new Fate(job.getString("state"), starts(Objects.requireNonNull(job.get("_id"))), number(job, "attempt"),
				number(job, "recoveries"));
	}

	private static int number(Document document, String field) {
		return (document.get(field) instanceof Number number) ? number.intValue() : 0;
	}

	private List<Document> find(String collection, Bson filter) {
		return this.database.getCollection(collection).find(filter).into(new ArrayList<>());
	}

	/**
	 * Has the server say, of each insert of jobs, that the majority does not have it yet.
	 */
	void withholdMajority() {
		MongoServer.client()
			.getDatabase("admin")
			.runCommand(new Document("configureFailPoint", "failCommand").append("mode", "alwaysOn")
				.append("data",
						new Document("failCommands", List.of("insert"))
							.append("namespace", this.database.getName() + ".taskqueue_jobs")
							.append("writeConcernError",
									new Document("code", 64).append("errmsg", "waiting for replication"))));
	}

	void grantMajority() {
		MongoServer.client()
			.getDatabase("admin")
			.runCommand(new Document("configureFailPoint", "failCommand").append("mode", "off"));
	}

	/**
	 * As the server does with transactions of clients that are gone: after a minute and a
	 * half, for which nobody waits here.
	 */
	void endTransactions() {
		MongoDatabase admin = MongoServer.client().getDatabase("admin");
		List<Document> sessions = admin
			.aggregate(List.of(new Document("$currentOp", new Document("idleSessions", true)),
					new Document("$match",
							new Document("type", "idleSession").append("appName", this.database.getName()))))
			.map((session) -> new Document("lsid", session.get("lsid")))
			.into(new ArrayList<>());
		assertThat(sessions).as("sessions with a transaction").isNotEmpty();
		admin.runCommand(new Document("killAllSessionsByPattern", sessions));
	}

	/**
	 * What became of a job.
	 *
	 * @param state where it stands
	 * @param starts how often its function was called, on whatever node
	 * @param attempt how many attempts are counted
	 * @param recoveries how often it was taken back
	 */
	record Fate(String state, int starts, int attempt, int recoveries) {

		static final Fate UNTOUCHED = new Fate("pending", 0, 0, 0);

		/** Once, as if nothing had happened. */
		static final Fate RAN = new Fate("succeeded", 1, 1, 0);

		/** Once, after its worker was lost before it began. */
		static final Fate RAN_ELSEWHERE = new Fate("succeeded", 1, 1, 1);

		/** Once more, after its worker was lost when it had begun. */
		static final Fate RAN_AGAIN = new Fate("succeeded", 2, 1, 1);

		static Fate claimed(int starts) {
			return new Fate("running", starts, 1, 0);
		}

	}

}
