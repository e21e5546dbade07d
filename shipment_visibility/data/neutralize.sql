-- a copy of the database does not go on with what the original has still to do
UPDATE queue_job
   SET state = 'cancelled',
       date_cancelled = now() AT TIME ZONE 'UTC'
 WHERE model_name LIKE 'shipment.%'
   AND state IN ('wait_dependencies', 'pending', 'enqueued', 'started');
