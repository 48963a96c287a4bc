package dev.taskqueue.autoconfigure;

import dev.taskqueue.function.AsyncJobScanner;
import dev.taskqueue.function.FunctionRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * The functions of this application, looked for when all beans exist: only then is the
 * class known of a bean whose definition names an interface. A function that cannot work
 * stops the start-up here.
 */
final class ScannedFunctions implements SmartInitializingSingleton {

	private final AsyncJobScanner scanner;

	private volatile @Nullable FunctionRegistry registry;

	ScannedFunctions(AsyncJobScanner scanner) {
		this.scanner = scanner;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.registry = this.scanner.scan();
	}

	/**
	 * The functions.
	 * @return what is known now, which may be less than all while beans are still made
	 */
	FunctionRegistry registry() {
		FunctionRegistry known = this.registry;
		return (known != null) ? known : this.scanner.scan();
	}

	boolean isComplete() {
		return this.registry != null;
	}

}
