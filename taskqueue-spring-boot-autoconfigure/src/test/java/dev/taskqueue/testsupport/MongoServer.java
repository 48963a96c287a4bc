package dev.taskqueue.testsupport;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.mongodb.MongoDBContainer;

/**
 * A real MongoDB for tests. All tests of a JVM share one server, a one-node replica set
 * which is started when it is first asked for and ends with the JVM. It is the first that
 * can be had of
 * <ol>
 * <li>the server that {@code TASKQUEUE_TEST_MONGODB_URI} names,
 * <li>a mongod that {@code MONGOD} names, that is on the {@code PATH}, or that
 * {@code scripts/mongod} fetches,
 * <li>a container by Testcontainers, in the version that
 * {@code TASKQUEUE_TEST_MONGODB_IMAGE} names.
 * </ol>
 * Where there is none the tests fail with one line that says so: a suite that skips what
 * it cannot run is green for no reason.
 * <p>
 * As an extension ({@code @ExtendWith(MongoServer.class)}) it gives a test class a fresh
 * database, dropped after the class: parameters of constructors and methods and fields of
 * type {@link MongoDatabase} get it; those of type {@link MongoClient} get the shared
 * client.
 */
public final class MongoServer
		implements ParameterResolver, TestInstancePostProcessor, BeforeAllCallback, AfterAllCallback {

	private static final Pattern URI = Pattern.compile("(mongodb(?:\\+srv)?://[^/?]+)/?([^?]*)\\??(.*)");

	private static @Nullable Shared shared;

	private static @Nullable String none;

	/**
	 * The shared server's connection string, without a database.
	 */
	public static String uri() {
		return shared().uri();
	}

	/**
	 * The shared server's connection string with this database, as
	 * {@code spring.mongodb.uri} wants it.
	 */
	public static String uri(MongoDatabase database) {
		return withDatabase(uri(), database.getName());
	}

	/**
	 * A client of the shared server, for all tests: none closes it.
	 */
	public static MongoClient client() {
		return shared().client();
	}

	/**
	 * A new empty database with a short name that no other test has.
	 */
	public static MongoDatabase freshDatabase() {
		return client().getDatabase("tq" + UUID.randomUUID().toString().substring(0, 13).replace("-", ""));
	}

	public static void drop(MongoDatabase database) {
		database.drop();
	}

	/**
	 * Starts a server of the test's own, which can be stopped, killed and frozen. It
	 * wants a mongod on this machine: a container would not do.
	 */
	public static OwnMongoServer startOwn(boolean replicaSet) {
		return new OwnMongoServer(ownBinary(),
				replicaSet ? OwnMongoServer.Role.SET_OF_ONE : OwnMongoServer.Role.STANDALONE)
			.start();
	}

	/**
	 * Starts a stand-alone server with further options of mongod, with the same wants.
	 */
	public static OwnMongoServer startOwn(String... options) {
		return new OwnMongoServer(ownBinary(), OwnMongoServer.Role.STANDALONE, options).start();
	}

	/**
	 * Starts a replica set of one with its data on this disk, with the same wants.
	 */
	public static OwnMongoServer startOwn(SmallDisk disk) {
		return new OwnMongoServer(ownBinary(), OwnMongoServer.Role.SET_OF_ONE, disk.directory()).start();
	}

	/**
	 * Starts a replica set of three nodes of the test's own, with the same wants.
	 */
	public static OwnReplicaSet startOwnReplicaSet() {
		return new OwnReplicaSet(ownBinary(), List.of());
	}

	/**
	 * Starts one whose members have their data each on a disk of its own.
	 * @param disks three, closed after the set
	 */
	public static OwnReplicaSet startOwnReplicaSet(List<SmallDisk> disks) {
		return new OwnReplicaSet(ownBinary(), disks.stream().map(SmallDisk::directory).toList());
	}

	private static Path ownBinary() {
		try {
			return binary();
		}
		catch (MongodBinary.Missing ex) {
			throw new IllegalStateException("No mongod of a test's own can be started: " + ex.getMessage(), ex);
		}
	}

	private static synchronized Shared shared() {
		if (none != null) {
			throw new IllegalStateException(none);
		}
		Shared found = shared;
		if (found == null) {
			String uri = findServer(System.getenv());
			found = new Shared(uri, MongoClients.create(uri));
			shared = found;
		}
		return found;
	}

	private static String findServer(Map<String, String> environment) {
		String given = environment.get("TASKQUEUE_TEST_MONGODB_URI");
		if (given != null && !given.isBlank()) {
			return withDatabase(given, "");
		}
		try {
			return new OwnMongoServer(binary(), OwnMongoServer.Role.SET_OF_ONE).start().uri();
		}
		catch (MongodBinary.Missing ex) {
			if (!DockerClientFactory.instance().isDockerAvailable()) {
				none = "No MongoDB for the tests: TASKQUEUE_TEST_MONGODB_URI is not set, there is no mongod ("
						+ ex.getMessage() + "), and Docker does not answer. Provide one of the three.";
				System.err.println(none);
				throw new IllegalStateException(none);
			}
			return startContainer(environment.getOrDefault("TASKQUEUE_TEST_MONGODB_IMAGE", "mongo:6.0"));
		}
	}

	@SuppressWarnings("resource") // Testcontainers removes it when the JVM has ended
	private static String startContainer(String image) {
		MongoDBContainer container = new MongoDBContainer(image).withReplicaSet();
		container.start();
		return withDatabase(container.getReplicaSetUrl(), "");
	}

	private static Path binary() {
		return MongodBinary.find(System.getenv(), Path.of(""));
	}

	/**
	 * Puts the database in the place of the one that the connection string has, which
	 * stays the one that knows the user.
	 */
	static String withDatabase(String uri, String database) {
		Matcher parts = URI.matcher(uri);
		if (!parts.matches()) {
			throw new IllegalArgumentException("'" + uri + "' is no MongoDB connection string");
		}
		String options = parts.group(3);
		String former = parts.group(2);
		if (!former.isEmpty() && parts.group(1).contains("@") && !options.contains("authSource=")) {
			options = "authSource=" + former + (options.isEmpty() ? "" : "&" + options);
		}
		return parts.group(1) + "/" + database + (options.isEmpty() ? "" : "?" + options);
	}

	@Override
	public void beforeAll(ExtensionContext context) throws IllegalAccessException {
		if (holder(context) == null) {
			store(context).put(Holder.class, new Holder(freshDatabase()));
		}
		inject(context.getRequiredTestClass(), null, context);
	}

	@Override
	public void afterAll(ExtensionContext context) {
		// A nested class finds the database of the class around it, which drops it.
		Holder own = store(context).remove(Holder.class, Holder.class);
		if (own != null) {
			drop(own.database());
		}
	}

	@Override
	public void postProcessTestInstance(Object testInstance, ExtensionContext context) throws IllegalAccessException {
		inject(testInstance.getClass(), testInstance, context);
	}

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		return isProvided(parameter.getParameter().getType());
	}

	@Override
	public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
		return provide(parameter.getParameter().getType(), context);
	}

	private static void inject(Class<?> testClass, @Nullable Object instance, ExtensionContext context)
			throws IllegalAccessException {
		for (Class<?> type = testClass; type != null && type != Object.class; type = type.getSuperclass()) {
			for (Field field : type.getDeclaredFields()) {
				int modifiers = field.getModifiers();
				if (isProvided(field.getType()) && !Modifier.isFinal(modifiers)
						&& Modifier.isStatic(modifiers) == (instance == null)) {
					field.setAccessible(true);
					field.set(instance, provide(field.getType(), context));
				}
			}
		}
	}

	private static boolean isProvided(Class<?> type) {
		return type == MongoDatabase.class || type == MongoClient.class;
	}

	private static Object provide(Class<?> type, ExtensionContext context) {
		if (type == MongoClient.class) {
			return client();
		}
		Holder holder = holder(context);
		if (holder == null) {
			throw new IllegalStateException("No database: MongoServer must extend the class, not a single method");
		}
		return holder.database();
	}

	private static @Nullable Holder holder(ExtensionContext context) {
		return store(context).get(Holder.class, Holder.class);
	}

	private static ExtensionContext.Store store(ExtensionContext context) {
		return context.getStore(ExtensionContext.Namespace.create(MongoServer.class));
	}

	private record Shared(String uri, MongoClient client) {
	}

	private record Holder(MongoDatabase database) {
	}

}
