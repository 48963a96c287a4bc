import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/**
 * db-scheduler on PostgreSQL. Setting {@code lock-and-fetch}: 20 threads, {@code pollUsingLockAndFetch(4.0, 20.0)},
 * a poll each 100 ms, immediate execution, which lets a submit in the same process wake the worker.
 */
public final class Peer implements Bench.Peer {

	private static final TaskDescriptor<Integer> NO_OP = TaskDescriptor.of("no-op", Integer.class);

	private static final int BATCH = 1000;

	private final HikariDataSource dataSource;

	private final OneTimeTask<Integer> task = Tasks.oneTime(NO_OP)
		.execute((instance, context) -> Bench.started(instance.getData()));

	private final AtomicLong ids = new AtomicLong();

	private SchedulerClient client;

	private Scheduler scheduler;

	private Peer(HikariDataSource dataSource) {
		this.dataSource = dataSource;
		this.client = SchedulerClient.Builder.create(dataSource, this.task).build();
	}

	public static void main(String[] args) throws Exception {
		if (!Bench.SETTING.equals("lock-and-fetch")) {
			throw new IllegalArgumentException("No setting '" + Bench.SETTING + "'");
		}
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(Bench.env("POSTGRES_JDBC_URI"));
		config.setMaximumPoolSize(30);
		try (HikariDataSource dataSource = new HikariDataSource(config)) {
			createTable(dataSource);
			Bench.run(new Peer(dataSource));
		}
		System.exit(0);
	}

	/** As db-scheduler's own postgresql_tables.sql. */
	private static void createTable(HikariDataSource dataSource) throws Exception {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("create table scheduled_tasks (task_name text not null, task_instance text not null,"
					+ " task_data bytea, execution_time timestamptz not null, picked boolean not null, picked_by text,"
					+ " last_success timestamptz, last_failure timestamptz, consecutive_failures int,"
					+ " last_heartbeat timestamptz, version bigint not null, priority smallint,"
					+ " primary key (task_name, task_instance))");
			statement.execute("create index on scheduled_tasks (execution_time)");
			statement.execute("create index on scheduled_tasks (last_heartbeat)");
			statement.execute("create index on scheduled_tasks (priority desc, execution_time asc)");
		}
	}

	private TaskInstance<Integer> noOp(int sample) {
		return NO_OP.instance("job-" + this.ids.incrementAndGet()).data(sample).build();
	}

	@Override
	public void submit(int sample) {
		this.client.schedule(noOp(sample), Instant.now());
	}

	@Override
	public void submitAll(int jobs) {
		for (int left = jobs; left > 0; left -= BATCH) {
			Stream<TaskInstance<?>> batch = Stream.<TaskInstance<?>>generate(() -> noOp(-1)).limit(Math.min(BATCH, left));
			this.client.scheduleBatch(batch, Instant.now());
		}
	}

	@Override
	public void start() {
		this.scheduler = Scheduler.create(this.dataSource, this.task)
			.schedulerName(new SchedulerName.Fixed("bench"))
			.threads(20)
			.pollUsingLockAndFetch(4.0, 20.0)
			.pollingInterval(Duration.ofMillis(100))
			.enableImmediateExecution()
			.build();
		this.scheduler.start();
		this.client = this.scheduler;
	}

	@Override
	public void stop() {
		this.client = SchedulerClient.Builder.create(this.dataSource, this.task).build();
		this.scheduler.stop();
	}

	@Override
	public Class<?> versioned() {
		return Scheduler.class;
	}

	@Override
	public int warmUp() {
		return 2000;
	}

}
