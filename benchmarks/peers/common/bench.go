package main

// The order of measurements that all peers share, for those in Go: told in Bench.java.

import (
	"fmt"
	"log"
	"math"
	"math/rand"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// peer is what a peer must be able to do. The numbers of submit go to the handler, which calls started with them.
type peer struct {
	module    string           // that tells the version
	warmUp    int              // jobs to run before anything is measured
	submit    func(sample int) // one call for one job, which returns when it is acknowledged
	submitAll func(jobs int)   // in the peer's own bulk way, or nil where it has none
	start     func()
	stop      func()
}

const pause = 60 * time.Millisecond

var (
	jobs      = number("JOBS", 50000)
	samples   = number("SAMPLES", 300)
	base      = time.Now()
	startedAt = make([]atomic.Int64, samples)
	ran       atomic.Int64
)

func env(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("The environment has no %s", name)
	}
	return value
}

func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

// started is the handler's first line.
func started(sample int) {
	if sample >= 0 {
		startedAt[sample].Store(int64(time.Since(base)))
	}
}

// ended is called once for each job, by the handler or by what hears of its end.
func ended() {
	ran.Add(1)
}

func run(p peer) {
	fmt.Println("VERSION", version(p.module))
	submitMany := p.submitAll
	if submitMany == nil { // 64 goroutines are the fastest way
		submitMany = func(n int) { rate(64, n, func() { p.submit(-1) }) }
	}
	submitMany(p.warmUp)
	p.start()
	awaitRan(p.warmUp)
	time.Sleep(500 * time.Millisecond) // outcomes on their way to the store
	p.stop()
	ran.Store(0)

	by1, by16 := min(2000, jobs/10), min(8000, jobs/5)
	by64 := jobs - by1 - by16
	if p.submitAll != nil {
		by64 = min(16000, jobs/5)
	}
	figure("submit-1", rate(1, by1, func() { p.submit(-1) }))
	figure("submit-16", rate(16, by16, func() { p.submit(-1) }))
	figure("submit-64", rate(64, by64, func() { p.submit(-1) }))
	if p.submitAll != nil {
		bulk, from := jobs-by1-by16-by64, time.Now()
		p.submitAll(bulk)
		figure("submit-bulk", perSecond(bulk, from))
	}

	from := time.Now()
	p.start()
	awaitRan(jobs)
	figure("drain", perSecond(jobs, from))
	figure("memory", residentMegabytes())

	from = time.Now()
	submitMany(jobs)
	awaitRan(2 * jobs)
	figure("cycle", perSecond(jobs, from))

	time.Sleep(2 * time.Second)
	sampleStarts(p)
	p.stop()
}

// From before the call to the handler's first line, after pauses of random length so that no phase of a poll is favoured.
func sampleStarts(p peer) {
	sentAt := make([]time.Duration, samples)
	for i := range samples {
		time.Sleep(time.Duration(float64(pause) * (0.5 + rand.Float64())))
		sentAt[i] = time.Since(base)
		p.submit(i)
	}
	awaitRan(2*jobs + samples)
	millis := make([]float64, samples)
	for i := range samples {
		millis[i] = float64(startedAt[i].Load()-int64(sentAt[i])) / 1e6
	}
	slices.Sort(millis)
	quantile := func(share float64) float64 { return millis[int(math.Ceil(share*float64(samples)))-1] }
	figure("start-p50", quantile(0.5))
	figure("start-p95", quantile(0.95))
	figure("start-p99", quantile(0.99))
	figure("start-max", quantile(1))
}

func rate(goroutines, steps int, step func()) float64 {
	var left atomic.Int64
	left.Store(int64(steps))
	var all sync.WaitGroup
	from := time.Now()
	for range goroutines {
		all.Add(1)
		go func() {
			defer all.Done()
			for left.Add(-1) >= 0 {
				step()
			}
		}()
	}
	all.Wait()
	return perSecond(steps, from)
}

func awaitRan(n int) {
	for ran.Load() < int64(n) {
		time.Sleep(2 * time.Millisecond)
	}
}

func perSecond(n int, from time.Time) float64 {
	return float64(n) / time.Since(from).Seconds()
}

func residentMegabytes() float64 {
	status := must(os.ReadFile("/proc/self/status"))
	kilobytes := regexp.MustCompile(`VmRSS:\s+(\d+)`).FindSubmatch(status)[1]
	return float64(must(strconv.Atoi(string(kilobytes)))) / 1024
}

func version(module string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				return strings.TrimPrefix(dependency.Version, "v")
			}
		}
	}
	return "unknown"
}

func figure(name string, value float64) {
	fmt.Printf("FIGURE %s %.2f\n", name, value)
}
