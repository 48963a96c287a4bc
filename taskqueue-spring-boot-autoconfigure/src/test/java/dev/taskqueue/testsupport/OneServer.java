package dev.taskqueue.testsupport;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A replica set of one for the tests of one class, which may make it fail: an extension
 * in a static field.
 */
public final class OneServer implements BeforeAllCallback, AfterAllCallback {

	private @Nullable OwnMongoServer server;

	@Override
	public void beforeAll(ExtensionContext context) {
		this.server = MongoServer.startOwn(true);
	}

	@Override
	public void afterAll(ExtensionContext context) {
		if (this.server != null) {
			this.server.close();
		}
	}

	/**
	 * Where the server is.
	 * @return its connection string, without a database
	 */
	public String uri() {
		return Objects.requireNonNull(this.server).uri();
	}

}
