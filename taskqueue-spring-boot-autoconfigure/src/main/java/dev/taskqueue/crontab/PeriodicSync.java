package dev.taskqueue.crontab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import com.mongodb.MongoWriteException;
import dev.taskqueue.PeriodicJobProvider;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.crontab.PeriodicSources.Declared;
import dev.taskqueue.function.ArgumentMapper;
import dev.taskqueue.lease.NamedLock;
import dev.taskqueue.store.Outage;
import dev.taskqueue.store.ServerClock;
import dev.taskqueue.store.TaskQueueDatabase;
import org.bson.BSONException;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the rows of periodic jobs say what this node asks for: once for what it declares,
 * again and again for its providers. The owner starts a thread for {@link #run()}.
 * <p>
 * <b>Declared jobs</b> are put at the start, and put again when the worker lost its
 * identity, since another node may have disabled them meanwhile. What no node declares is
 * disabled: by a node that starts, if no live worker asks for it, and for all else when
 * it is due, see {@link RowReader}.
 * <p>
 * <b>Providers</b> are asked by one of the nodes that have them, the holder of a lock for
 * each. Two holders at once harm nothing: they write what the same list says.
 */
public final class PeriodicSync {

	private static final Logger logger = LoggerFactory.getLogger(PeriodicSync.class);

	private static final String SYNCHRONISING = "registering periodic jobs";

	/** The lock outlives a turn that comes late. */
	private static final int TURNS_HELD = 2;

	private final PeriodicSources sources;

	private final DeclaredJobs declared;

	private final Supplier<@Nullable String> workerId;

	private final ArgumentMapper mapper;

	private final Outage outage;

	private final Duration interval;

	private final PeriodicRows rows;

	private final List<Provider> providers = new ArrayList<>();

	private final Signals signals = new Signals();

	/** The identity under which all that is declared was put. */
	private @Nullable String putAs;

	/**
	 * What could not be put, since another source has the name or the store refuses it.
	 */
	private final Set<Declared> unput = new LinkedHashSet<>();

	private final Set<String> told = new HashSet<>();

	/** Why a job of this turn could not be put. */
	private @Nullable IllegalStateException refusal;

	/**
	 * Creates one; nothing is sent.
	 * @param database the collections
	 * @param clock the server's clock
	 * @param mapper turns arguments to plain values
	 * @param outage told when the server cannot be reached, and when a provider fails
	 * @param sources what this node asks for
	 * @param live the keys that live workers ask for; asks the server
	 * @param workerId the identity of this node's worker, whose document tells the keys;
	 * null while it has none
	 * @param interval how often providers are asked
	 */
	public PeriodicSync(TaskQueueDatabase database, ServerClock clock, ArgumentMapper mapper, Outage outage,
			PeriodicSources sources, Supplier<Set<String>> live, Supplier<@Nullable String> workerId,
			Duration interval) {
		this.rows = new PeriodicRows(database, clock);
		this.mapper = mapper;
		this.outage = outage;
		this.sources = sources;
		this.declared = new DeclaredJobs(sources.keys(), live);
		this.workerId = workerId;
		this.interval = interval;
		sources.providers()
			.forEach((source, provider) -> this.providers
				.add(new Provider(source, provider, new NamedLock(database, clock, "crontab-" + source,
						() -> String.valueOf(workerId.get()), interval.multipliedBy(TURNS_HELD)))));
	}

	/**
	 * Synchronises until {@link #stop()}, or until nothing is left to do for ever. A turn
	 * in which nothing is to be put and no provider is to be asked sends nothing.
	 */
	public void run() {
		try {
			while (!this.signals.isStopped()) {
				turn();
				if (this.putAs != null && this.declared.own().isEmpty()) {
					return;
				}
				this.signals.awaitStop(this.interval);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			release();
		}
	}

	/** Ends the loop. Does not wait for that. */
	public void stop() {
		this.signals.stop();
	}

	/** One turn; what fails is tried again with the next one. */
	void turn() {
		try {
			this.refusal = null;
			synchronise();
			if (this.refusal != null) {
				throw this.refusal;
			}
			this.outage.over(SYNCHRONISING);
		}
		catch (MongoException ex) {
			this.outage.failed(SYNCHRONISING, ex);
		}
		catch (RuntimeException | Error ex) {
			this.outage.broke(SYNCHRONISING, ex);
		}
	}

	private void synchronise() {
		String id = this.workerId.get();
		if (id == null) {
			// nobody could see yet that this node asks for them
			return;
		}
		Set<String> live = new HashSet<>();
		Predicate<Document> isFree = (row) -> isFree(row, live);
		if (!id.equals(this.putAs)) {
			if (this.putAs == null) {
				this.sources.all().forEach((job) -> put(job, isFree));
				removeForgotten();
			}
			else {
				putBack(isFree);
			}
			this.putAs = id;
		}
		else {
			List.copyOf(this.unput).forEach((job) -> put(job, isFree));
		}
		for (Provider provider : this.providers) {
			if (provider.lock().tryAcquire()) {
				ask(provider.source(), provider.jobs(), isFree);
			}
		}
	}

	/** Whether a row may be taken over from its source: that does not ask for it. */
	private boolean isFree(Document row, Set<String> live) {
		String key = PeriodicRows.key(row);
		if (PeriodicRows.isRemoved(row)) {
			return true;
		}
		if (key == null || this.declared.own().contains(key)) {
			return false;
		}
		if (live.isEmpty()) {
			live.addAll(this.declared.live().get());
		}
		return !live.contains(key);
	}

	private void put(Declared job, Predicate<Document> isFree) {
		String source = job.source();
		if (put(source, job.job().name(), () -> this.rows.put(source, definition(job.job()), null, true, isFree))) {
			this.unput.remove(job);
		}
		else {
			this.unput.add(job);
		}
	}

	/** One that cannot be put holds up no other: it is told when all others are. */
	private boolean put(String source, String name, BooleanSupplier put) {
		boolean isPut;
		try {
			isPut = put.getAsBoolean();
		}
		catch (MongoWriteException | BSONException | IllegalStateException | IllegalArgumentException ex) {
			this.refusal = new IllegalStateException("Periodic job '" + name + "' of the source '" + source
					+ "' cannot be written. Correct it there. " + ex.getMessage(), ex);
			return false;
		}
		if (isPut) {
			this.told.remove(source + "/" + name);
		}
		else if (this.told.add(source + "/" + name)) {
			logger
				.warn("Periodic job '{}' of the source '{}' is not registered: another source, or another program, has "
						+ "the row '{}'. Rename or remove one of them", name, source, PeriodicRows.id(name));
		}
		return isPut;
	}

	private Document definition(PeriodicJobSpec job) {
		return PeriodicDefinition.of(job, this.mapper);
	}

	/**
	 * This worker was taken for lost, and what only it asked for may be disabled. What is
	 * not is left alone: a newer version of the application may have changed it.
	 */
	private void putBack(Predicate<Document> isFree) {
		if (this.sources.all().isEmpty()) {
			return;
		}
		Map<String, Document> stored = new HashMap<>();
		this.rows.list().forEach((row) -> stored.put(PeriodicRows.name(row), row));
		for (Declared job : this.sources.all()) {
			Document row = stored.get(job.job().name());
			if (row == null || PeriodicRows.isRemoved(row)) {
				put(job, isFree);
			}
		}
	}

	/** Disables what this version of the application does not declare any more. */
	private void removeForgotten() {
		List<Document> forgotten = new ArrayList<>();
		for (Document row : this.rows.list()) {
			String key = PeriodicRows.key(row);
			if (key != null && !PeriodicRows.isRemoved(row) && !this.declared.own().contains(key)) {
				forgotten.add(row);
			}
		}
		if (!forgotten.isEmpty()) {
			Set<String> live = this.declared.live().get();
			for (Document row : forgotten) {
				if (!live.contains(String.valueOf(PeriodicRows.key(row)))) {
					this.rows.remove(row);
				}
			}
		}
	}

	private void ask(String source, PeriodicJobProvider provider, Predicate<Document> isFree) {
		String asking = "asking for the periodic jobs of '" + source + "'";
		Map<String, Document> wanted;
		try {
			wanted = jobs(provider);
			this.outage.over(asking);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return;
		}
		catch (Exception | Error ex) {
			// all stay as the last good list had them
			this.outage.broke(asking, ex);
			return;
		}
		Map<String, Document> stored = new LinkedHashMap<>();
		for (Document row : this.rows.list()) {
			if (source.equals(row.get(RowFields.SOURCE))) {
				stored.put(PeriodicRows.name(row), row);
			}
		}
		wanted.forEach((name, definition) -> put(source, name,
				() -> this.rows.put(source, definition, stored.get(name), false, isFree)));
		stored.forEach((name, row) -> {
			if (!wanted.containsKey(name) && !PeriodicRows.isRemoved(row)) {
				this.rows.remove(row);
			}
		});
	}

	private Map<String, Document> jobs(PeriodicJobProvider provider) throws Exception {
		Map<String, Document> jobs = new TreeMap<>();
		for (PeriodicJobSpec job : provider.jobs()) {
			if (jobs.put(job.name(), definition(job)) != null) {
				throw new IllegalArgumentException(
						"Periodic job '" + job.name() + "' is in the list twice. Rename or remove one of them.");
			}
		}
		return jobs;
	}

	/** Or the next node would wait until the lock's time is over. */
	private void release() {
		if (!this.outage.lasting().isZero()) {
			return;
		}
		try {
			this.providers.forEach((provider) -> provider.lock().release());
		}
		catch (MongoException ex) {
			logger.debug("The locks of the periodic jobs are free when their time is over", ex);
		}
	}

	/**
	 * Who is asked again and again.
	 *
	 * @param source the source of its jobs
	 * @param jobs tells them
	 * @param lock of the node that asks
	 */
	private record Provider(String source, PeriodicJobProvider jobs, NamedLock lock) {
	}

}
