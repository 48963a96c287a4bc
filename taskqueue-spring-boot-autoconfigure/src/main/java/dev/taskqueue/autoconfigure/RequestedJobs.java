package dev.taskqueue.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

import dev.taskqueue.PeriodicJobBuilder;
import dev.taskqueue.PeriodicJobProvider;
import dev.taskqueue.PeriodicJobSpec;
import dev.taskqueue.crontab.PeriodicFile;
import dev.taskqueue.crontab.PeriodicSources;
import dev.taskqueue.function.FunctionRegistry;
import dev.taskqueue.function.JobFunction;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.io.Resource;

/**
 * The periodic jobs that this application asks for, collected when all beans exist.
 */
final class RequestedJobs implements SmartInitializingSingleton {

	private final Supplier<FunctionRegistry> functions;

	private final TaskQueueProperties.Crontab properties;

	private final ListableBeanFactory beans;

	private @Nullable PeriodicSources sources;

	RequestedJobs(Supplier<FunctionRegistry> functions, TaskQueueProperties.Crontab properties,
			ListableBeanFactory beans) {
		this.functions = functions;
		this.properties = properties;
		this.beans = beans;
	}

	@Override
	public void afterSingletonsInstantiated() {
		sources();
	}

	synchronized PeriodicSources sources() {
		PeriodicSources known = this.sources;
		if (known == null) {
			known = new PeriodicSources(Map.of(PeriodicSources.CODE, code(), PeriodicSources.PROPERTIES, properties()),
					providers());
			this.sources = known;
		}
		return known;
	}

	private List<PeriodicJobSpec> code() {
		List<PeriodicJobSpec> jobs = new ArrayList<>();
		for (JobFunction function : this.functions.get().functions()) {
			JobFunction.Periodic periodic = function.periodic();
			if (periodic != null) {
				jobs.add(job(function.name(), periodic));
			}
		}
		return jobs;
	}

	private static PeriodicJobSpec job(String name, JobFunction.Periodic periodic) {
		PeriodicJobBuilder job = PeriodicJobSpec.named(name).function(name).zone(periodic.zone());
		if (periodic.cron() != null) {
			job.cron(periodic.cron());
		}
		else if (periodic.every() != null) {
			job.every(periodic.every());
		}
		return job.build();
	}

	private List<PeriodicJobSpec> properties() {
		List<PeriodicJobSpec> jobs = new ArrayList<>();
		this.properties.getJobs().forEach((name, job) -> {
			JobFunction function = this.functions.get().find(name);
			if (function != null && function.periodic() != null) {
				throw new InvalidConfigurationPropertyValueException("taskqueue.crontab.jobs." + name,
						String.valueOf((job.cron() != null) ? job.cron() : job.every()),
						"Expected another name: " + function.signature()
								+ " says itself when it runs, and its periodic job has this name. Rename the entry, or "
								+ "remove cron and every from the method's @AsyncJob.");
			}
			jobs.add(job.toSpec(name));
		});
		return jobs;
	}

	private Map<String, PeriodicJobProvider> providers() {
		Map<String, PeriodicJobProvider> providers = new TreeMap<>();
		this.beans.getBeansOfType(PeriodicJobProvider.class)
			.forEach((name, provider) -> providers.put(PeriodicSources.PROVIDER + name, provider));
		Resource file = this.properties.getFile();
		if (file != null) {
			providers.put(PeriodicSources.FILE, new PeriodicFile(file.getDescription(), file::getInputStream));
		}
		return providers;
	}

}
