package dev.taskqueue.violations.util;

class PackageOfNoStep {

}
