// River on PostgreSQL. Setting "bench": the one of its own `river bench`, which waits for completions as it is done here.
package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const batch = 1000

type noOp struct {
	Sample int `json:"sample"`
}

func (noOp) Kind() string { return "no-op" }

type worker struct {
	river.WorkerDefaults[noOp]
}

func (worker) Work(_ context.Context, job *river.Job[noOp]) error {
	started(job.Args.Sample)
	return nil
}

func main() {
	if env("SETTING") != "bench" {
		log.Fatalf("No setting '%s'", env("SETTING"))
	}
	ctx := context.Background()
	config := must(pgxpool.ParseConfig(env("POSTGRES_URI")))
	config.MaxConns = 30
	driver := riverpgxv5.New(must(pgxpool.NewWithConfig(ctx, config)))
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))

	workers := river.NewWorkers()
	river.AddWorker(workers, worker{})
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	producer := must(river.NewClient(driver, &river.Config{Logger: quiet}))
	var client *river.Client[pgx.Tx]
	run(peer{
		module: "github.com/riverqueue/river",
		warmUp: 2000,
		submit: func(sample int) { must(producer.Insert(ctx, noOp{Sample: sample}, nil)) },
		submitAll: func(jobs int) {
			for left := jobs; left > 0; left -= batch {
				params := make([]river.InsertManyParams, min(batch, left))
				for i := range params {
					params[i].Args = noOp{Sample: -1}
				}
				must(producer.InsertManyFast(ctx, params))
			}
		},
		start: func() {
			client = must(river.NewClient(driver, &river.Config{
				FetchCooldown: 2 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond, Logger: quiet,
				Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2000}}, Workers: workers,
			}))
			events, _ := client.SubscribeConfig(&river.SubscribeConfig{
				ChanSize: 2*jobs + samples, Kinds: []river.EventKind{river.EventKindJobCompleted},
			})
			go func() {
				for range events {
					ended()
				}
			}()
			check(client.Start(ctx))
		},
		stop: func() { check(client.Stop(ctx)) },
	})
}
