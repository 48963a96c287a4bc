package dev.taskqueue.trial;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import dev.taskqueue.fault.NodeProcess;
import dev.taskqueue.testsupport.OwnMongoServer;
import dev.taskqueue.testsupport.TcpProxy;

/**
 * A process of a trial, and what stands between it and the world: a proxy for each
 * server, and a clock that can be set wrong.
 */
final class TrialProcess implements AutoCloseable {

	private final String name;

	private final Map<OwnMongoServer, TcpProxy> proxies;

	private final WrongClock clock;

	private final NodeProcess process;

	private TrialProcess(String name, Map<OwnMongoServer, TcpProxy> proxies, WrongClock clock, NodeProcess process) {
		this.name = name;
		this.proxies = proxies;
		this.clock = clock;
		this.process = process;
	}

	/**
	 * Starts one; returns at once.
	 * @param name for the history
	 * @param host a loopback address of its own, where it finds the servers
	 * @param servers what it may call
	 * @param application its main class
	 * @param directory of the trial
	 * @param arguments of the application
	 */
	static TrialProcess start(String name, String host, List<OwnMongoServer> servers, Class<?> application,
			Path directory, List<String> arguments) {
		Map<OwnMongoServer, TcpProxy> proxies = new LinkedHashMap<>();
		servers.forEach((server) -> proxies.put(server, TcpProxy.start(host, server.port())));
		WrongClock clock = new WrongClock(directory, name);
		Stream<String> own = Stream.of("--trial.process=" + name, "--trial.via=" + host,
				"--trial.directory=" + directory);
		NodeProcess process = NodeProcess.start(application, List.of(), clock.environment(),
				Stream.concat(own, arguments.stream()).toArray(String[]::new));
		return new TrialProcess(name, proxies, clock, process);
	}

	String name() {
		return this.name;
	}

	NodeProcess process() {
		return this.process;
	}

	WrongClock clock() {
		return this.clock;
	}

	/** What stands between it and a server. */
	TcpProxy to(OwnMongoServer server) {
		return Objects.requireNonNull(this.proxies.get(server));
	}

	List<TcpProxy> proxies() {
		return List.copyOf(this.proxies.values());
	}

	@Override
	public void close() {
		this.process.close();
		this.proxies.values().forEach(TcpProxy::close);
	}

}
