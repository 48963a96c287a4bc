package dev.taskqueue.test;

import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/**
 * Resets the tester before each test: applications are kept from one test to the next.
 */
final class ResetTaskQueueTesterListener implements TestExecutionListener {

	@Override
	public void beforeTestMethod(TestContext testContext) {
		if (testContext.hasApplicationContext()) {
			ApplicationContext application = testContext.getApplicationContext();
			application.getBeanProvider(TaskQueueTester.class).ifAvailable(TaskQueueTester::reset);
		}
	}

}
