package dev.taskqueue.violations;

import org.springframework.context.ApplicationContext;
import org.springframework.scheduling.support.CronExpression;

record WordThatUsesSpring(CronExpression allowed, ApplicationContext forbidden) {
}
