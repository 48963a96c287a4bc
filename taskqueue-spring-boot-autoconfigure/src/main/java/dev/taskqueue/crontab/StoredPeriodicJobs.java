package dev.taskqueue.crontab;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import com.mongodb.MongoException;
import dev.taskqueue.JobHandle;
import dev.taskqueue.PeriodicJob;
import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.PeriodicJobs;
import dev.taskqueue.TaskQueueException;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * The periodic jobs as rows of the crontab, which the scheduler of whatever node treats
 * as all others. Works in an application without a scheduler too.
 */
public final class StoredPeriodicJobs implements PeriodicJobs {

	private final CrontabRows all;

	private final PeriodicRows rows;

	private final Function<String, JobHandle<Object>> handles;

	/**
	 * Creates it; nothing is sent.
	 * @param rows the rows of the crontab
	 * @param handles makes a handle of a job's id
	 */
	public StoredPeriodicJobs(CrontabRows rows, Function<String, JobHandle<Object>> handles) {
		this.all = rows;
		this.rows = rows.periodic();
		this.handles = handles;
	}

	@Override
	public PeriodicJob add(PeriodicJobSpec job) {
		Document definition = PeriodicDefinition.of(job, this.all.mapper());
		return asking("add", job.name(), () -> {
			if (!this.rows.put(PeriodicRows.API, definition, null, false, PeriodicRows::isRemoved)) {
				throw taken(job.name(), this.rows.find(job.name()));
			}
			return PeriodicDefinition.toJob(existing(job.name()));
		});
	}

	private static IllegalArgumentException taken(String name, @Nullable Document row) {
		String remedy = " Choose another name.";
		return new IllegalArgumentException((row != null)
				? "Periodic job '" + name + "' belongs to the source '" + row.get(RowFields.SOURCE)
						+ "', so it is not added." + remedy + " To change the one that is there, use change."
				: "Periodic job '" + name + "' is not added: another program has a row with the _id '"
						+ PeriodicRows.id(name) + "'." + remedy);
	}

	@Override
	public PeriodicJob change(String name, Consumer<PeriodicJobBuilder> change) {
		return asking("change", name, () -> {
			require(this.all.change(id(name), change), name);
			return PeriodicDefinition.toJob(existing(name));
		});
	}

	@Override
	public void pause(String name) {
		setEnabled("pause", name, false);
	}

	@Override
	public void resume(String name) {
		setEnabled("resume", name, true);
	}

	private void setEnabled(String what, String name, boolean enabled) {
		asking(what, name, () -> {
			require(this.all.setEnabled(id(name), enabled), name);
			return null;
		});
	}

	@Override
	public JobHandle<Object> trigger(String name) {
		return asking("trigger", name, () -> {
			String job = this.all.trigger(id(name));
			require(job != null, name);
			return this.handles.apply(Objects.requireNonNull(job));
		});
	}

	/** Of a row of its own: another program may have one of the id. */
	private String id(String name) {
		existing(name);
		return PeriodicRows.id(name);
	}

	@Override
	public boolean remove(String name) {
		return asking("remove", name, () -> {
			if (this.rows.delete(name)) {
				return true;
			}
			Document row = this.rows.find(name);
			if (row != null) {
				throw new IllegalArgumentException("Periodic job '" + name + "' is asked for by its source, '"
						+ row.get(RowFields.SOURCE) + "', and would come back. Remove it there, or pause it.");
			}
			return false;
		});
	}

	@Override
	public Optional<PeriodicJob> find(String name) {
		return asking("find", name, () -> Optional.ofNullable(this.rows.find(name)).map(PeriodicDefinition::toJob));
	}

	@Override
	public List<PeriodicJob> list() {
		return asking("list", "*", () -> this.rows.list().stream().map(PeriodicDefinition::toJob).toList());
	}

	private Document existing(String name) {
		Document row = this.rows.find(name);
		require(row != null, name);
		return Objects.requireNonNull(row);
	}

	private static void require(boolean exists, String name) {
		if (!exists) {
			throw new IllegalArgumentException(
					"There is no periodic job '" + name + "'. Correct the name; list() has all of them.");
		}
	}

	private static <T extends @Nullable Object> T asking(String what, String name, Supplier<T> question) {
		try {
			return question.get();
		}
		catch (MongoException ex) {
			throw new TaskQueueException("MongoDB failed at '" + what + "' of periodic job '" + name
					+ "', so it is not known whether it was done. Look when it answers again, or do it once more. "
					+ ex.getMessage(), ex);
		}
	}

}
