package dev.taskqueue;

/**
 * One call of one {@link AsyncJob} method, recorded and not run.
 *
 * @param <B> the bean's type
 */
@FunctionalInterface
public interface JobCall<B> {

	/**
	 * Makes the call.
	 * @param bean stands for the bean
	 * @throws Exception since the method may declare one; never thrown while recording
	 */
	void on(B bean) throws Exception;

}
