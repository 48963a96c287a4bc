// Prints each job that ends, when it ends: one change stream for all jobs. Wants a replica set.
//
//	go run ./watch 'mongodb://localhost/?replicaSet=rs0' app
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

type change struct {
	DocumentKey struct {
		ID any `bson:"_id"`
	} `bson:"documentKey"`
	UpdateDescription struct {
		UpdatedFields struct {
			State  string `bson:"state"`
			Result any    `bson:"result"`
			Error  struct {
				Message string `bson:"message"`
			} `bson:"error"`
		} `bson:"updatedFields"`
	} `bson:"updateDescription"`
}

func run(ctx context.Context, uri, database string) error {
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		return err
	}
	defer client.Disconnect(context.Background())
	ends := bson.A{"succeeded", "failed", "cancelled", "expired"}
	changes, err := client.Database(database).Collection("taskqueue_jobs").Watch(ctx, mongo.Pipeline{
		{{Key: "$match", Value: bson.M{
			"operationType": "update", "updateDescription.updatedFields.state": bson.M{"$in": ends},
		}}},
		{{Key: "$project", Value: bson.M{"documentKey": 1, "updateDescription.updatedFields": 1}}},
	})
	if err != nil {
		return err
	}
	fmt.Println("watching") // what ends from here on is told
	for changes.Next(ctx) {
		var told change
		if err := changes.Decode(&told); err != nil {
			return err
		}
		var id any = told.DocumentKey.ID
		if objectID, ok := id.(bson.ObjectID); ok {
			id = objectID.Hex()
		}
		job := told.UpdateDescription.UpdatedFields
		if job.State == "succeeded" {
			fmt.Printf("job %v succeeded: %v\n", id, job.Result)
		} else {
			fmt.Printf("job %v %s: %s\n", id, job.State, job.Error.Message)
		}
	}
	return changes.Err()
}

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}
