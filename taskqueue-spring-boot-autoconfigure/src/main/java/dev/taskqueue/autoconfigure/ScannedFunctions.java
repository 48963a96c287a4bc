package dev.taskqueue.autoconfigure;

import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.HandlerFunctions;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * The functions of this application, looked for when all beans exist: only then is the
 * class known of a bean whose definition names an interface. A function that cannot work
 * stops the start-up here.
 */
final class ScannedFunctions implements SmartInitializingSingleton {

	private final AsyncJobScanner scanner;

	private final HandlerFunctions handlers;

	private volatile @Nullable FunctionRegistry registry;

	ScannedFunctions(AsyncJobScanner scanner, HandlerFunctions handlers) {
		this.scanner = scanner;
		this.handlers = handlers;
	}

	@Override
	public void afterSingletonsInstantiated() {
		FunctionRegistry complete = this.scanner.scan();
		this.handlers.joinTo(complete);
		this.registry = complete;
	}

	/**
	 * The functions.
	 * @return what is known now, which may be less than all while beans are still made
	 */
	FunctionRegistry registry() {
		FunctionRegistry known = this.registry;
		if (known != null) {
			return known;
		}
		FunctionRegistry soFar = this.scanner.scan();
		this.handlers.addTo(soFar);
		return soFar;
	}

}
