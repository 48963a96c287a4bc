package dev.taskqueue.submit;

import java.lang.reflect.Method;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The one call that a lambda made.
 *
 * @param type the class or interface that it was made on
 * @param method the method as that type has it
 * @param args the arguments, one for each parameter
 */
public record RecordedCall(Class<?> type, Method method, List<@Nullable Object> args) {
}
