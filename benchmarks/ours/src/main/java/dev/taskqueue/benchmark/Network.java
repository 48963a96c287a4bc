package dev.taskqueue.benchmark;

import java.time.Duration;

import com.mongodb.ConnectionString;
import com.mongodb.ServerAddress;

/**
 * The same with a network between client and server, each way half a millisecond long.
 */
final class Network implements Suite {

	private static final Duration EACH_WAY = Duration.ofNanos(500_000);

	@Override
	public void run(Settings settings) {
		ServerAddress server = new ServerAddress(new ConnectionString(settings.uri()).getHosts().get(0));
		try (SlowNetwork network = new SlowNetwork(server.getHost(), server.getPort(), EACH_WAY)) {
			// the driver would else go where the server says that it is
			Settings far = settings.withUri("mongodb://127.0.0.1:" + network.port() + "/?directConnection=true");
			new Core("taskqueue-far", "bare-far").run(far);
		}
	}

}
