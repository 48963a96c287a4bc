package dev.taskqueue.crontab;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.taskqueue.PeriodicJobProvider;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.store.BsonValues;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The periodic jobs of a YAML file, which is read anew each time. It has {@code jobs}, by
 * name, with the fields of a row of the crontab; or {@code configs}, a list as Asynq's
 * {@code PeriodicTaskManager} has it; or both.
 */
public final class PeriodicFile implements PeriodicJobProvider {

	private static final String JOBS = "jobs";

	private static final String CONFIGS = "configs";

	private static final String CRONSPEC = "cronspec";

	private static final String TASK_TYPE = "task_type";

	private static final String PAYLOAD = "payload";

	private static final Set<String> CONFIG = Set.of(CRONSPEC, TASK_TYPE, PAYLOAD);

	/** The zone as the library that Asynq uses reads it. */
	private static final Pattern ZONED = Pattern.compile("(?:CRON_)?TZ=(\\S+)\\s+(.*)");

	private final String where;

	private final Callable<InputStream> file;

	/**
	 * Creates one.
	 * @param where where the file is, for messages
	 * @param file opens it
	 */
	public PeriodicFile(String where, Callable<InputStream> file) {
		this.where = where;
		this.file = file;
	}

	@Override
	public List<PeriodicJobSpec> jobs() throws Exception {
		LoaderOptions options = new LoaderOptions();
		options.setAllowDuplicateKeys(false);
		try (InputStream opened = this.file.call()) {
			return read(new Yaml(new SafeConstructor(options)).load(opened));
		}
		catch (Exception ex) {
			throw new IllegalStateException("The file of periodic jobs, " + this.where
					+ ", cannot be used, so all jobs stay as they are. Correct it; it is read again. "
					+ ex.getMessage(), ex);
		}
	}

	private static List<PeriodicJobSpec> read(@Nullable Object root) {
		// an empty file is one that is being written
		Map<?, ?> file = map("the file", root, Set.of(JOBS, CONFIGS));
		if (file.isEmpty()) {
			throw wrong("the file", "", "'jobs' or 'configs'");
		}
		List<PeriodicJobSpec> jobs = new ArrayList<>();
		if (file.get(JOBS) instanceof Map<?, ?> named) {
			named.forEach((name, fields) -> jobs.add(job(String.valueOf(name), fields)));
		}
		else if (file.containsKey(JOBS)) {
			throw wrong(JOBS, file.get(JOBS), "jobs by their names; none are written as {}");
		}
		if (file.get(CONFIGS) instanceof List<?> configs) {
			Map<String, Integer> types = new HashMap<>();
			configs.forEach((config) -> jobs.add(config(config, types)));
		}
		else if (file.containsKey(CONFIGS)) {
			throw wrong(CONFIGS, file.get(CONFIGS), "a list; an empty one is written as []");
		}
		return jobs;
	}

	private static PeriodicJobSpec job(String name, @Nullable Object value) {
		Document row = new Document(RowFields.FUNCTION, name);
		map("job '" + name + "'", value, fields())
			.forEach((field, given) -> row.append(String.valueOf(field), BsonValues.toStored(given)));
		return PeriodicDefinition.toSpec(name, row);
	}

	private static Set<String> fields() {
		Set<String> fields = new TreeSet<>(PeriodicDefinition.FIELDS);
		fields.remove(RowFields.NAME);
		return fields;
	}

	/**
	 * The first job of a type has its name, so that a change of its times is one of the
	 * same job; further ones are numbered.
	 */
	private static PeriodicJobSpec config(@Nullable Object value, Map<String, Integer> types) {
		Map<?, ?> config = map("an entry of 'configs'", value, CONFIG);
		if (!(config.get(TASK_TYPE) instanceof String type)) {
			throw wrong(TASK_TYPE, config.get(TASK_TYPE), "the name of a function");
		}
		if (!(config.get(CRONSPEC) instanceof String cronspec)) {
			throw wrong("cronspec of '" + type + "'", config.get(CRONSPEC), "a cron expression");
		}
		int number = types.merge(type, 1, Integer::sum);
		Document row = new Document(RowFields.FUNCTION, type);
		Matcher zoned = ZONED.matcher(cronspec);
		if (zoned.matches()) {
			row.append(RowFields.ZONE, zoned.group(1)).append(RowFields.CRON, zoned.group(2));
		}
		else {
			row.append(RowFields.CRON, cronspec);
		}
		Object payload = BsonValues.toStored(config.get(PAYLOAD));
		if (payload != null) {
			row.append(RowFields.PARAMS, List.of(payload));
		}
		return PeriodicDefinition.toSpec((number == 1) ? type : type + "#" + number, row);
	}

	private static Map<?, ?> map(String what, @Nullable Object value, Set<String> keys) {
		if (!(value instanceof Map<?, ?> map)) {
			throw wrong(what, value, "an object of " + new TreeSet<>(keys));
		}
		for (Object key : map.keySet()) {
			if (!keys.contains(String.valueOf(key))) {
				throw new IllegalArgumentException(
						what + " has '" + key + "', expected only " + new TreeSet<>(keys) + ". Correct or remove it.");
			}
		}
		return map;
	}

	private static IllegalArgumentException wrong(String what, @Nullable Object value, String expected) {
		return new IllegalArgumentException(
				what + " is " + RowError.shown(BsonValues.toStored(value)) + ", expected " + expected + ".");
	}

}
