package dev.taskqueue.crontab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import dev.taskqueue.PeriodicJobProvider;
import dev.taskqueue.PeriodicJobSpec;

/**
 * What this node asks for.
 *
 * @param declared by source ({@link #CODE}, {@link #PROPERTIES}), the jobs that it
 * declares; they do not change while the node runs
 * @param providers by source ({@link #FILE}, or {@link #PROVIDER} and the bean's name),
 * who is asked again and again
 */
public record PeriodicSources(Map<String, List<PeriodicJobSpec>> declared, Map<String, PeriodicJobProvider> providers) {

	/** Jobs of methods that say when they run. */
	public static final String CODE = "code";

	/** Jobs of {@code taskqueue.crontab.jobs}. */
	public static final String PROPERTIES = "properties";

	/** Jobs of {@code taskqueue.crontab.file}. */
	public static final String FILE = "file";

	/** What the source of a provider's jobs begins with. */
	public static final String PROVIDER = "provider:";

	/**
	 * What this node asks for, as its worker's document tells it: each declared job by
	 * its source and name, each provider by its source.
	 * @return the keys, sorted
	 */
	public Set<String> keys() {
		Set<String> keys = new TreeSet<>(this.providers.keySet());
		this.declared.forEach((source, jobs) -> jobs.forEach((job) -> keys.add(PeriodicRows.key(source, job.name()))));
		return keys;
	}

	/** All that this node declares, which is none of the providers'. */
	List<Declared> all() {
		List<Declared> all = new ArrayList<>();
		this.declared.forEach((source, jobs) -> jobs.forEach((job) -> all.add(new Declared(source, job))));
		return all;
	}

	/**
	 * A declared job.
	 *
	 * @param source its source
	 * @param job the job
	 */
	record Declared(String source, PeriodicJobSpec job) {
	}

}
