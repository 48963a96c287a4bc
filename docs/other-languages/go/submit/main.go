// Inserts a row of crontab_jobs and two jobs, waits for their ends and reads what they gave.
//
//	go run ./submit 'mongodb://localhost/?replicaSet=rs0' app
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

var ends = []string{"succeeded", "failed", "cancelled", "expired"}

// What a submitter reads of a job: any id and any result.
type job struct {
	ID     any    `bson:"_id"`
	State  string `bson:"state"`
	Result any    `bson:"result"`
	Error  struct {
		Reason  string `bson:"reason"`
		Message string `bson:"message"`
	} `bson:"error"`
}

// Inserts a job that is due now, unless the fields say otherwise. Returns its id.
func submit(ctx context.Context, jobs *mongo.Collection, function string, params bson.A, fields bson.M) (any, error) {
	now := time.Now()
	job := bson.M{
		"_id": bson.NewObjectID(), "function": function, "params": params, "queue": "default", "priority": 0,
		"state": "pending", "run_at": now, "created_at": now,
	}
	for name, value := range fields {
		job[name] = value
	}
	_, err := jobs.InsertOne(ctx, job)
	if mongo.IsDuplicateKeyError(err) && strings.Contains(err.Error(), "index: _id_ ") {
		err = nil // An id of your own that is there already: the job was submitted before.
	}
	return job["_id"], err
}

// Looks ever less often until there is something: after 10 ms, 20 ms, ... at last each 250 ms.
func poll(ctx context.Context, look func() (bool, error)) error {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		if found, err := look(); found || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Waits until a job has ended. Returns its state, and its result or its error.
func endOf(ctx context.Context, jobs *mongo.Collection, id any) (end job, err error) {
	fields := options.FindOne().SetProjection(bson.M{"state": 1, "result": 1, "error": 1})
	err = poll(ctx, func() (bool, error) {
		end = job{}
		err := jobs.FindOne(ctx, bson.M{"_id": id}, fields).Decode(&end)
		if errors.Is(err, mongo.ErrNoDocuments) {
			err = fmt.Errorf("there is no job %v, or no more: its retention is over", id)
		}
		return slices.Contains(ends, end.State), err
	})
	return end, err
}

// Waits until a row has become a job. Returns the job's id.
func jobOf(ctx context.Context, rows *mongo.Collection, id any) (any, error) {
	var row struct {
		IsDone bool `bson:"is_done"`
		JobID  any  `bson:"job_id"`
		Error  *struct {
			Message string `bson:"message"`
		} `bson:"error"`
	}
	err := poll(ctx, func() (bool, error) {
		err := rows.FindOne(ctx, bson.M{"_id": id}).Decode(&row)
		if err == nil && row.Error != nil {
			err = errors.New(row.Error.Message)
		}
		return row.IsDone, err
	})
	return row.JobID, err
}

// An ObjectID prints itself with its type's name; the digits are what people look for.
func text(id any) string {
	if id, ok := id.(bson.ObjectID); ok {
		return id.Hex()
	}
	return fmt.Sprint(id)
}

func tell(end job) {
	if end.State == "succeeded" {
		fmt.Printf("job %s succeeded: %v\n", text(end.ID), end.Result)
	} else {
		fmt.Printf("job %s %s: %s: %s\n", text(end.ID), end.State, end.Error.Reason, end.Error.Message)
	}
}

func run(ctx context.Context, uri, database string) error {
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		return err
	}
	defer client.Disconnect(context.Background())
	db := client.Database(database,
		options.Database().SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority()))
	rows, jobs := db.Collection("crontab_jobs"), db.Collection("taskqueue_jobs")

	row, err := rows.InsertOne(ctx, bson.M{
		"name": "Mail from Go", "function": "send_mail", "params": bson.A{"ann@example.org"}, "kwargs": bson.M{"times": 1},
		"time": time.Now().Unix(), "is_done": false,
	})
	if err != nil {
		return err
	}
	mailID, err := submit(ctx, jobs, "send_mail", bson.A{"you@example.com", 3}, bson.M{"priority": 5})
	if err != nil {
		return err
	}
	// Under an id of your own, a submit that is done twice is one job.
	chargeID := "charge-" + bson.NewObjectID().Hex()
	for range 2 {
		fields := bson.M{"_id": chargeID, "max_attempts": 1}
		if _, err := submit(ctx, jobs, "charge_card", bson.A{"order-17", 99.5}, fields); err != nil {
			return err
		}
	}

	rowJobID, err := jobOf(ctx, rows, row.InsertedID)
	if err != nil {
		return err
	}
	fmt.Printf("row %s became job %s\n", text(row.InsertedID), text(rowJobID))
	for _, id := range []any{rowJobID, mailID, chargeID} {
		end, err := endOf(ctx, jobs, id)
		if err != nil {
			return err
		}
		tell(end)
	}
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := run(ctx, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}
