-- The three tasks as models in SQL, beside the tables. What tells the answer is left out of each.
use nyctaxidb;

-- Task 1: is there a tip?
create or replace model tipped
options (model_type = 'logistic_reg', input_label_cols = 'tipped', data_split_eval_fraction = 0.25, seed = 7,
    identifier_cols = array('medallion', 'hack_license', 'pickup_datetime', 'dropoff_datetime'),
    exclude_cols = array('tip_class', 'tip_amount', 'total_amount'))
as select * from nyctaxi_downsampled_dataset;
select round(roc_auc, 4) as auc, round(average_precision, 4) as precision_recall_area, row_count as judged_rows from ml.evaluate(model tipped) e;

-- Task 2: which range of tips?
create or replace model tip_class
options (model_type = 'logistic_reg', input_label_cols = 'tip_class', data_split_eval_fraction = 0.25, seed = 7,
    identifier_cols = array('medallion', 'hack_license', 'pickup_datetime', 'dropoff_datetime'),
    exclude_cols = array('tipped', 'tip_amount', 'total_amount'))
as select * from nyctaxi_downsampled_dataset;
select * from ml.confusion_matrix(model tip_class) m;

-- Task 3: how much?
create or replace model tip_amount
options (model_type = 'boosted_tree_regressor', input_label_cols = 'tip_amount', data_split_eval_fraction = 0.25, seed = 7,
    identifier_cols = array('medallion', 'hack_license', 'pickup_datetime', 'dropoff_datetime'),
    exclude_cols = array('tipped', 'tip_class', 'total_amount'))
as select * from nyctaxi_downsampled_dataset;
select round(r2_score, 4) as r2, round(root_mean_squared_error, 3) as rmse from ml.evaluate(model tip_amount) e;

-- Why is a trip said to be tipped?
select payment_type, predicted_tipped, round(probability, 3) as probability, top_feature_attributions[0].feature as feature,
    round(top_feature_attributions[0].attribution, 3) as adds
from ml.explain_predict(model tipped, (select * from nyctaxi_downsampled_dataset limit 3)) e;
