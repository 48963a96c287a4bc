// Asynq on Redis. Setting "concurrency-100": as much concurrency, the rest as it comes. Its client has no bulk call.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"

	"github.com/hibiken/asynq"
)

func main() {
	var concurrency int
	if n, _ := fmt.Sscanf(env("SETTING"), "concurrency-%d", &concurrency); n != 1 {
		log.Fatalf("No setting '%s'", env("SETTING"))
	}
	redis := must(asynq.ParseRedisURI(env("REDIS_URI")))
	mux := asynq.NewServeMux()
	mux.HandleFunc("no-op", func(_ context.Context, t *asynq.Task) error {
		started(int(int32(binary.LittleEndian.Uint32(t.Payload()))))
		ended()
		return nil
	})
	client := asynq.NewClient(redis)
	var server *asynq.Server
	run(peer{
		module: "github.com/hibiken/asynq",
		warmUp: 2000,
		submit: func(sample int) {
			payload := binary.LittleEndian.AppendUint32(nil, uint32(int32(sample)))
			must(client.Enqueue(asynq.NewTask("no-op", payload)))
		},
		start: func() {
			server = asynq.NewServer(redis, asynq.Config{Concurrency: concurrency, LogLevel: asynq.FatalLevel})
			check(server.Start(mux))
		},
		stop: func() { server.Shutdown() },
	})
}
