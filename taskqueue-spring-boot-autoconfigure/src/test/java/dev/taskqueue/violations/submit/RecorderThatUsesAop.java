package dev.taskqueue.violations.submit;

import org.springframework.aop.framework.ProxyFactory;

record RecorderThatUsesAop(ProxyFactory allowed) {
}
