package dev.taskqueue.violations.claim;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

record StepThatUsesLibraries(SpringApplication boot, Environment spring, JsonMapper jackson, MeterRegistry micrometer) {
}
