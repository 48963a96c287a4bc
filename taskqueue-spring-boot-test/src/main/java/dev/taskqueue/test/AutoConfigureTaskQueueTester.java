package dev.taskqueue.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.taskqueue.autoconfigure.TaskQueueProperties;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.PropertyMapping;

/**
 * Gives a test a {@link TaskQueueTester} and, where the application has no
 * {@link java.time.Clock}, a {@link MovableClock}. For test classes that start an
 * application, such as those with {@code @SpringBootTest}.
 * <p>
 * Unless another mode is chosen, jobs are kept in memory and run when the tester is told
 * to; MongoDB is not asked. The tester is reset before each test method.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration
public @interface AutoConfigureTaskQueueTester {

	/**
	 * Where jobs are kept and run: {@code taskqueue.mode}.
	 * @return inline, or normal for a test with a MongoDB, on which the application's own
	 * worker runs the jobs
	 */
	@PropertyMapping("taskqueue.mode")
	TaskQueueProperties.Mode mode() default TaskQueueProperties.Mode.INLINE;

}
