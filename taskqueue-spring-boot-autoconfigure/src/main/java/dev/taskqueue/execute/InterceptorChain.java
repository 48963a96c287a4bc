package dev.taskqueue.execute;

import java.util.List;

import dev.taskqueue.JobContext;
import dev.taskqueue.JobInterceptor;
import dev.taskqueue.function.JobFunction;
import org.jspecify.annotations.Nullable;

/** The interceptors of an application around a call, the first one outermost. */
final class InterceptorChain {

	private final List<JobInterceptor> interceptors;

	InterceptorChain(List<JobInterceptor> interceptors) {
		this.interceptors = List.copyOf(interceptors);
	}

	@Nullable Object invoke(JobFunction.Call call, JobContext context) throws Exception {
		return (this.interceptors.isEmpty()) ? call.invoke() : invoke(0, call, context);
	}

	private @Nullable Object invoke(int position, JobFunction.Call call, JobContext context) throws Exception {
		return (position == this.interceptors.size()) ? call.invoke()
				: this.interceptors.get(position).intercept(context, () -> invoke(position + 1, call, context));
	}

}
